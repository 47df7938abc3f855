import assert from "node:assert/strict";
import { interruptible, type Interruption } from "../../src/cli/interrupt.ts";

/** Time to stop in; the command line gives two seconds. */
const GRACE_MS = 200;

/** Runs work with Ctrl-C at hand, and keeps what was told of it. */
function withInterrupt(
  work: (interruption: Interruption & { press: () => void }) => Promise<number>,
) {
  const told: string[] = [];
  const source = { press: () => {} };
  let ended = () => {};
  const end = new Promise<number>((resolve) => ended = () => resolve(-1));
  const run = interruptible(
    (interruption) => work({ ...interruption, press: () => source.press() }),
    {
      onStop: (what) => void told.push(`stop: ${what}`),
      onForcedEnd: (why) => void told.push(`forced: ${why}`),
    },
    {
      listen: (listener) => {
        source.press = listener;
        return () => void told.push("unlistened");
      },
      exit: (code) => {
        told.push(`exit ${code}`);
        ended();
      },
      graceMs: GRACE_MS,
    },
  );
  return { told, code: Promise.race([run, end]) };
}

Deno.test("without Ctrl-C the code is the work's own", async () => {
  const { told, code } = withInterrupt(() => Promise.resolve(2));
  assert.equal(await code, 2);
  assert.deepEqual(told, ["unlistened"]);
});

Deno.test("Ctrl-C aborts the signal, and work that stops ends with 130", async () => {
  const { told, code } = withInterrupt(({ signal, press }) => {
    press();
    assert.equal(signal.aborted, true);
    assert.equal(signal.reason.name, "AbortError");
    return Promise.resolve(0);
  });
  assert.equal(await code, 130);
  assert.deepEqual(told, ["stop: undefined", "unlistened"]);
});

Deno.test("a second Ctrl-C ends the process at once", async () => {
  const { promise, resolve } = Promise.withResolvers<number>();
  const { told, code } = withInterrupt(({ press, whenStopped }) => {
    whenStopped("keeping the best");
    press();
    press();
    return promise;
  });
  assert.equal(await code, -1);
  resolve(0); // a real process would be gone
  assert.deepEqual(told, [
    "stop: keeping the best",
    "forced: ended by a second Ctrl-C, in the middle of the work",
    "exit 130",
  ]);
});

Deno.test("work that does not answer in time is ended", async () => {
  const started = performance.now();
  const never = Promise.withResolvers<number>();
  const { told, code } = withInterrupt(({ press }) => {
    press();
    return never.promise;
  });
  assert.equal(await code, -1);
  never.resolve(0);
  assert.ok(performance.now() - started >= 0.9 * GRACE_MS);
  assert.deepEqual(told, [
    "stop: undefined",
    "forced: ended by Ctrl-C: the work did not stop by itself",
    "exit 130",
  ]);
});

Deno.test("work that has something to finish gets the time for it", async () => {
  const { told, code } = withInterrupt(async ({ press, whenStopped }) => {
    whenStopped("keeping the best");
    press();
    await new Promise((resolve) => setTimeout(resolve, 2 * GRACE_MS));
    return 0;
  });
  assert.equal(await code, 130);
  assert.deepEqual(told, ["stop: keeping the best", "unlistened"]);
});

Deno.test("one long batch is no refusal to stop", async () => {
  const { told, code } = withInterrupt(async ({ signal, press }) => {
    press();
    await new Promise((resolve) => setTimeout(resolve, 1));
    for (const from = performance.now(); performance.now() - from < 1.5 * GRACE_MS;);
    await new Promise((resolve) => setTimeout(resolve, 0));
    signal.throwIfAborted();
    return 0;
  });
  await assert.rejects(code, { name: "AbortError" });
  assert.deepEqual(told, ["stop: undefined", "unlistened"]);
});
