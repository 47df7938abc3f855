import assert from "node:assert/strict";
import { Terminal, type TerminalOptions } from "../../src/cli/terminal.ts";

const WIPE = "\r\x1b[2K";

/** A terminal that writes to memory, with a clock that the test moves. */
function terminalFor(options: TerminalOptions) {
  const timers = new Map<() => void, number>();
  const clock = {
    ms: 0,
    /** Goes on to a time, and does on the way what was to be done later. */
    goTo(ms: number) {
      for (;;) {
        const [next] = [...timers].sort((a, b) => a[1] - b[1]);
        if (next === undefined || next[1] > ms) break;
        clock.ms = Math.max(clock.ms, next[1]);
        timers.delete(next[0]);
        next[0]();
      }
      clock.ms = ms;
    },
  };
  let text = "";
  const terminal = new Terminal({
    color: false,
    unicode: true,
    columns: () => 83,
    ...options,
    write: (more) => void (text += more),
    now: () => clock.ms,
    later: (work, ms) => {
      timers.set(work, clock.ms + ms);
      return () => void timers.delete(work);
    },
  });
  /** What was written since the last call. */
  const written = () => {
    const since = text;
    text = "";
    return since;
  };
  const features = (done: number) =>
    terminal.progress({ stage: "features", done, total: 900, unit: "images" });
  return { terminal, clock, written, features, timers };
}

Deno.test("in a pipe no progress is drawn, notes and errors are lines", () => {
  const { terminal, clock, written, features, timers } = terminalFor({ isTerminal: false });
  features(1);
  clock.ms = 5000;
  features(2);
  terminal.note("a note");
  terminal.detail("a detail");
  terminal.event("epoch", { epoch: 1 }, "an epoch");
  terminal.stopped("stopped");
  terminal.error({ code: 2, line: "an error", usage: "usage: graft", stack: "at x" });
  terminal.finish();
  assert.equal(
    written(),
    "graft: a note\ngraft: stopped\ngraft: an error\nusage: graft\nat x\n",
  );
  assert.equal(timers.size, 0);
});

Deno.test("quiet leaves errors only", () => {
  const { terminal, clock, written, features } = terminalFor({
    isTerminal: true,
    quiet: true,
    verbose: true,
  });
  features(1);
  clock.goTo(5000);
  features(2);
  terminal.note("a note");
  terminal.detail("a detail");
  terminal.stopped("stopped");
  terminal.error({ code: 1, line: "an error" });
  terminal.finish();
  assert.equal(written(), "graft: an error\n");
});

Deno.test("what takes less than a second leaves no trace", () => {
  const { terminal, clock, written, features } = terminalFor({ isTerminal: true });
  features(1);
  clock.goTo(990);
  features(900);
  terminal.finish();
  clock.goTo(5000);
  assert.equal(written(), "");
});

Deno.test("one line is drawn over itself, ten times a second at most, and wiped at the end", () => {
  const { terminal, clock, written, features } = terminalFor({ isTerminal: true });
  features(0);
  clock.goTo(1000); // no report is needed for the first line
  assert.equal(written(), `${WIPE}features  ──────────  0/900 images  0 %`);
  clock.goTo(1050);
  features(290);
  assert.equal(written(), "");
  clock.goTo(1950);
  features(300);
  assert.equal(written(), `${WIPE}features  ━━━───────  300/900 images  33 %  154/s  4 s left`);
  for (let ms = 2001; ms < 3000; ms++) {
    clock.goTo(ms);
    features(300 + Math.floor((ms - 2000) / 10));
  }
  assert.equal(written().split(WIPE).length - 1, 10);
  terminal.finish();
  assert.equal(written(), WIPE);
  clock.goTo(9000);
  assert.equal(written(), "", "a timer was left");
});

Deno.test("between two reports the time left is counted down", () => {
  const { clock, written, features } = terminalFor({ isTerminal: true });
  features(0);
  clock.goTo(1500);
  features(90);
  assert.match(written(), / {2}14 s left$/);
  clock.goTo(3500);
  assert.match(written(), / {2}13 s left\r.* {2}12 s left$/);
});

Deno.test("once work has taken a second, the next stage is shown at once", () => {
  const { terminal, clock, written, features } = terminalFor({ isTerminal: true });
  features(0);
  clock.goTo(1000);
  features(900);
  assert.ok(written().endsWith(WIPE));
  clock.goTo(1200);
  terminal.progress({ stage: "probe", done: 1, total: 4, unit: "fits" });
  assert.equal(written(), `${WIPE}probe  ━━╸───────  1/4 fits  25 %`);
});

Deno.test("a note on a terminal wipes the progress line first, and the line comes back", () => {
  const { terminal, clock, written, features } = terminalFor({ isTerminal: true });
  features(0);
  clock.goTo(1000);
  written();
  terminal.note("hello");
  assert.equal(written(), `${WIPE}graft: hello\n`);
  clock.goTo(1100);
  features(9);
  assert.match(written(), /features/);
});

Deno.test("verbose tells how long each stage took, and the line of an event", () => {
  const { terminal, clock, written } = terminalFor({ isTerminal: false, verbose: true });
  terminal.progress({ stage: "download", done: 5_000_000, unit: "bytes" });
  clock.ms = 120;
  terminal.progress({ stage: "features", done: 1, total: 9, unit: "images" });
  clock.ms = 1370;
  terminal.progress({ stage: "features", done: 9, total: 9, unit: "images" });
  clock.ms = 2000; // what comes between two stages is neither's
  terminal.progress({ stage: "probe", done: 3, total: 5, unit: "fits" });
  clock.ms = 2500;
  terminal.progress({ stage: "probe", done: 1, total: 5, unit: "fits" }); // another one
  clock.ms = 3000;
  terminal.event("epoch", { epoch: 1 }, "epoch 1: loss 0.5");
  terminal.event("epoch", { epoch: 2 });
  terminal.finish();
  assert.deepEqual(written().split("\n"), [
    "graft: download: 5.0 MB in 0.12 s",
    "graft: features: 9 images in 1.25 s",
    "graft: probe: 3 fits in 0.50 s",
    "graft: epoch 1: loss 0.5",
    "graft: probe: 1 fits in 0.50 s",
    "",
  ]);
});

Deno.test("colour is used on a terminal that wants it, and nowhere else", () => {
  const say = (options: TerminalOptions) => {
    const { terminal, clock, written, features } = terminalFor({ verbose: true, ...options });
    terminal.error({ code: 1, line: "no" });
    terminal.detail("so");
    features(0);
    clock.goTo(2000);
    return written();
  };
  const coloured = say({ isTerminal: true, color: true });
  assert.ok(coloured.startsWith("\x1b[31mgraft: no\x1b[39m\n\x1b[2mgraft: so\x1b[22m\n"));
  assert.ok(coloured.includes(`\x1b[36m${"─".repeat(10)}\x1b[39m`));
  const plain = say({ isTerminal: true, color: false });
  assert.ok(plain.includes("─".repeat(10)) && !plain.replaceAll(WIPE, "").includes("\x1b"));
  assert.equal(say({ isTerminal: false, color: true }), "graft: no\ngraft: so\n");
});

Deno.test("no line is wider than the terminal, which may change its size", () => {
  const size = { columns: 40 };
  const { clock, written, features } = terminalFor({
    isTerminal: true,
    columns: () => size.columns,
  });
  features(0);
  clock.goTo(1500);
  features(90);
  assert.equal(written().split(WIPE).at(-1), "features  90/900 images  10 %"); // 3 columns stay free
  size.columns = 20;
  clock.goTo(3000);
  assert.equal(written().split(WIPE).at(-1), "features  10 %");
  size.columns = 8;
  clock.goTo(4000);
  assert.equal(written().split(WIPE).at(-1), "feat…");
});
