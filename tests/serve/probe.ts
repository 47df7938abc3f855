/**
 * Asks a server's `/healthz` over and over, each time by a connection of its own, and writes how long the answers took as JSON once stdin
 * ends: `deno run -A tests/serve/probe.ts PORT PID`.
 *
 * In a process of its own, so that what the attackers do in theirs is not measured. Of each time it also takes off what the server's main
 * thread and its own could have run and were not let, because others had the cores (Linux: `schedstat`): the rest is the server's doing.
 *
 * @module
 */

/** Milliseconds of each answer. */
export interface Probed {
  /** As it was. */
  readonly wall: readonly number[];
  /** Without the time that the main threads waited for a core. */
  readonly own: readonly number[];
  /** Answers that were not 200. */
  readonly failed: number;
}

const PAUSE_MS = 40;

async function ask(port: number): Promise<{ ms: number; ok: boolean }> {
  const began = performance.now();
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  await connection.write(new TextEncoder().encode(request));
  const buffer = new Uint8Array(4096);
  const length = await connection.read(buffer);
  const answer = new TextDecoder().decode(buffer.subarray(0, length ?? 0));
  return { ms: performance.now() - began, ok: answer.startsWith("HTTP/1.1 200") };
}

/** Milliseconds that the main threads of processes were ready to run and did not; 0 where the system does not tell. */
function waitedForCore(pids: readonly number[]): number {
  const waited = pids.map((pid) => {
    try {
      return Number(Deno.readTextFileSync(`/proc/${pid}/task/${pid}/schedstat`).split(" ")[1]);
    } catch {
      return 0;
    }
  });
  return waited.reduce((sum, nanoseconds) => sum + nanoseconds, 0) / 1e6;
}

if (import.meta.main) {
  const [port, pid] = Deno.args.map(Number);
  const [wall, own]: number[][] = [[], []];
  let failed = 0;
  let ended = false;
  (async () => {
    for await (const _ of Deno.stdin.readable);
    ended = true;
  })();
  while (!ended) {
    const before = waitedForCore([pid, Deno.pid]);
    const { ms, ok } = await ask(port).catch(() => ({ ms: Infinity, ok: false }));
    const waited = waitedForCore([pid, Deno.pid]) - before;
    wall.push(ms);
    own.push(Math.max(0, ms - waited));
    if (!ok) failed++;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  console.log(JSON.stringify({ wall, own, failed } satisfies Probed));
}
