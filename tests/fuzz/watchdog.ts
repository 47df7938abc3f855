/** A thread beside a fuzz child's cases: it sees hangs and memory while they run, which their own thread cannot. @module */
import { HANG_MS, KILL_MB, type Line, SHARED } from "./messages.ts";

let ended = false;

addEventListener("message", (event) => {
  const { data } = event as MessageEvent<SharedArrayBuffer>;
  const shared = new Float64Array(data);
  const look = () => {
    const mb = Deno.memoryUsage().rss / 1e6;
    if (mb > shared[SHARED.peakMb]) {
      [shared[SHARED.peakMb], shared[SHARED.peakCase]] = [mb, shared[SHARED.case]];
    }
    const begun = shared[SHARED.begun];
    const ms = begun === 0 ? 0 : performance.timeOrigin + performance.now() - begun;
    if (mb > KILL_MB) end(shared, `takes more than ${KILL_MB} MB of memory`);
    else if (ms > HANG_MS) end(shared, `takes more than ${HANG_MS} ms`);
  };
  setInterval(look, 50);
});

function end(shared: Float64Array, what: string): void {
  if (ended) return;
  ended = true;
  const killed = { case: shared[SHARED.case], what };
  const so = {
    cases: shared[SHARED.cases],
    failed: shared[SHARED.failed] + 1,
    accepted: shared[SHARED.accepted],
    ms: 0,
    slowest: { case: killed.case, ms: HANG_MS },
    peak: { case: shared[SHARED.peakCase], mb: shared[SHARED.peakMb] },
  };
  const line: Line = { killed, so };
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(line)}\n`));
  Deno.kill(Deno.pid, "SIGKILL");
}
