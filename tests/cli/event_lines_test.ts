import assert from "node:assert/strict";
import { EventLines } from "../../src/cli/event_lines.ts";

/** Event lines that are read back, with a clock that the test moves. */
function eventsFor(options: { quiet?: boolean; verbose?: boolean } = {}) {
  const clock = { ms: 0 };
  let text = "";
  const lines = new EventLines({
    ...options,
    write: (more) => void (text += more),
    now: () => clock.ms,
  });
  const events = () => {
    assert.ok(text === "" || text.endsWith("\n"));
    return text.split("\n").slice(0, -1).map((line) => JSON.parse(line));
  };
  const features = (done: number) =>
    lines.progress({ stage: "features", done, total: 900, unit: "images" });
  return { lines, clock, events, features };
}

Deno.test("a stage of less than a second is not told", () => {
  const { lines, clock, events, features } = eventsFor();
  features(1);
  clock.ms = 999;
  features(900);
  lines.finish();
  assert.deepEqual(events(), []);
});

Deno.test("a longer stage is told once a second, and when it is complete", () => {
  const { clock, events, features } = eventsFor();
  for (clock.ms = 0; clock.ms <= 2600; clock.ms += 100) features(clock.ms / 10);
  clock.ms = 2700;
  features(900);
  const common = { event: "progress", stage: "features", total: 900, unit: "images" };
  assert.deepEqual(events(), [
    { ...common, done: 100, seconds: 1, perSecond: 100, secondsLeft: 8 },
    { ...common, done: 200, seconds: 2, perSecond: 100, secondsLeft: 7 },
    { ...common, done: 900, seconds: 2.7, perSecond: 333.3 },
  ]);
});

Deno.test("figures of a report stay together", () => {
  const { lines, clock, events } = eventsFor();
  const report = (done: number) =>
    lines.progress({ stage: "train", done, unit: "steps", detail: { epoch: 2, loss: 0.25 } });
  report(1);
  clock.ms = 1500;
  report(4);
  assert.deepEqual(events(), [{
    event: "progress",
    stage: "train",
    done: 4,
    unit: "steps",
    detail: { epoch: 2, loss: 0.25 },
    seconds: 1.5,
    perSecond: 2,
  }]);
});

Deno.test("notes, events, stops and errors are told as what they are", () => {
  const { lines, events } = eventsFor();
  lines.note('say "hi"\nagain');
  lines.detail("not without verbose");
  lines.event("epoch", { epoch: 1, loss: 0.5 });
  lines.stopped("stopped by Ctrl-C");
  lines.error({ code: 1, line: "no" });
  lines.error({ code: 2, line: "what", usage: "usage: graft", stack: "at x" });
  assert.deepEqual(events(), [
    { event: "note", message: 'say "hi"\nagain' },
    { event: "epoch", epoch: 1, loss: 0.5 },
    { event: "stopped", message: "stopped by Ctrl-C" },
    { event: "error", code: 1, message: "no" },
    { event: "error", code: 2, message: "what", usage: "usage: graft", stack: "at x" },
  ]);
});

Deno.test("verbose adds details and each stage that has ended", () => {
  const { lines, clock, events, features } = eventsFor({ verbose: true });
  lines.detail("so");
  features(1);
  clock.ms = 500;
  features(900);
  lines.progress({ stage: "probe", done: 1, total: 4, unit: "fits" });
  clock.ms = 700;
  lines.finish();
  assert.deepEqual(events(), [
    { event: "detail", message: "so" },
    { event: "stage", stage: "features", done: 900, unit: "images", seconds: 0.5 },
    { event: "stage", stage: "probe", done: 1, unit: "fits", seconds: 0.2 },
  ]);
});

Deno.test("quiet leaves errors only", () => {
  const { lines, clock, events, features } = eventsFor({ quiet: true, verbose: true });
  features(1);
  clock.ms = 5000;
  features(2);
  lines.note("a note");
  lines.detail("a detail");
  lines.event("epoch", {});
  lines.stopped("stopped");
  lines.finish();
  lines.error({ code: 1, line: "no" });
  assert.deepEqual(events(), [{ event: "error", code: 1, message: "no" }]);
});
