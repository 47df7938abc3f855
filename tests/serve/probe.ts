/**
 * Asks a server's `/healthz` and, in between, a server that does nothing else, each over a connection of its own, and writes how long the
 * answers took as JSON once stdin ends: `deno run --allow-net tests/serve/probe.ts PORT`.
 *
 * In a process of its own, so that what the attackers do in theirs is not measured. What the second server needs is what the machine itself
 * was late: other processes want its cores, too.
 *
 * @module
 */

/** Milliseconds of each answer. */
export interface Probed {
  /** Of `/healthz`. */
  readonly health: readonly number[];
  /** Of the server that does nothing else. */
  readonly control: readonly number[];
  /** Answers of `/healthz` that were not 200. */
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

if (import.meta.main) {
  const port = Number(Deno.args[0]);
  const idle = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-net=127.0.0.1", import.meta.resolve("./probe_control.ts")],
    stdout: "piped",
  }).spawn();
  const output = idle.stdout.getReader();
  const controlPort = Number(new TextDecoder().decode((await output.read()).value));
  const [health, control]: number[][] = [[], []];
  let failed = 0;
  let ended = false;
  (async () => {
    for await (const _ of Deno.stdin.readable);
    ended = true;
  })();
  while (!ended) {
    const { ms, ok } = await ask(port).catch(() => ({ ms: Infinity, ok: false }));
    health.push(ms);
    if (!ok) failed++;
    control.push((await ask(controlPort)).ms);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  idle.kill();
  await output.cancel();
  await idle.status;
  console.log(JSON.stringify({ health, control, failed } satisfies Probed));
}
