/**
 * Asks a server's `/healthz` over and over, each time by a connection of its own, and writes how long the answers took as JSON once stdin
 * ends: `deno run -A tests/serve/probe.ts PORT PID`.
 *
 * In a process of its own, so that what the attackers do in theirs is not measured. Of each time it also takes off what the server's main
 * thread could have run and was not let, because others had the cores (Linux: `schedstat`): the rest is the server's own doing.
 *
 * @module
 */

/** Milliseconds of each answer. */
export interface Probed {
  /** As it was. */
  readonly wall: readonly number[];
  /** Without the time that the main thread waited for a core. */
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

/** Milliseconds that a process's main thread was ready to run and did not; 0 where the system does not tell. */
async function waitedForCore(pid: number): Promise<number> {
  const text = await Deno.readTextFile(`/proc/${pid}/task/${pid}/schedstat`).catch(() => "0 0 0");
  return Number(text.split(" ")[1]) / 1e6;
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
    const before = await waitedForCore(pid);
    const { ms, ok } = await ask(port).catch(() => ({ ms: Infinity, ok: false }));
    const waited = await waitedForCore(pid) - before;
    wall.push(ms);
    own.push(Math.max(0, ms - waited));
    if (!ok) failed++;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  console.log(JSON.stringify({ wall, own, failed } satisfies Probed));
}
