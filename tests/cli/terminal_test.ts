import assert from "node:assert/strict";
import { progressLine, Terminal, type TerminalOptions } from "../../src/cli/terminal.ts";

/** A terminal that writes to memory, with a clock that the test moves. */
function terminalFor(options: TerminalOptions) {
  const clock = { ms: 0 };
  let text = "";
  const write = (more: string) => void (text += more);
  const terminal = new Terminal({ color: false, ...options, write, now: () => clock.ms });
  return { terminal, clock, text: () => text };
}

Deno.test("in a pipe no progress is drawn, notes and errors are lines", () => {
  const { terminal, text } = terminalFor({ isTerminal: false });
  terminal.progress({ stage: "features", done: 1, total: 9 });
  terminal.note("graft: a note");
  terminal.detail("graft: a detail");
  terminal.error("graft: an error");
  terminal.finish();
  assert.equal(text(), "graft: a note\ngraft: an error\n");
});

Deno.test("quiet leaves errors only", () => {
  const { terminal, text } = terminalFor({ isTerminal: true, quiet: true, verbose: true });
  terminal.progress({ stage: "features", done: 1, total: 9 });
  terminal.note("a note");
  terminal.detail("a detail");
  terminal.error("an error");
  terminal.finish();
  assert.equal(text(), "an error\n");
});

Deno.test("on a terminal one line is drawn over itself, not too often, and wiped at the end", () => {
  const { terminal, clock, text } = terminalFor({ isTerminal: true });
  const report = (done: number) =>
    terminal.progress({ stage: "features", done, total: 900, unit: "images" });
  report(0);
  clock.ms = 50;
  report(100); // too soon after the first
  clock.ms = 2000;
  report(300);
  terminal.finish();
  const wipe = "\r\x1b[2K";
  assert.equal(
    text(),
    `${wipe}features  0/900 images  0 %${wipe}features  300/900 images  33 %  4 s left${wipe}`,
  );
});

Deno.test("a note on a terminal wipes the progress line first", () => {
  const { terminal, text } = terminalFor({ isTerminal: true });
  terminal.progress({ stage: "read", done: 1 });
  terminal.note("hello");
  assert.ok(text().endsWith("read  1\r\x1b[2Khello\n"), JSON.stringify(text()));
});

Deno.test("verbose tells how long each stage took", () => {
  const { terminal, clock, text } = terminalFor({ isTerminal: false, verbose: true });
  terminal.progress({ stage: "download", done: 5_000_000, unit: "bytes" });
  clock.ms = 120;
  terminal.progress({ stage: "features", done: 1, total: 9, unit: "images" });
  clock.ms = 1370;
  terminal.progress({ stage: "features", done: 9, total: 9, unit: "images" });
  clock.ms = 2000; // what comes between two stages is neither's
  terminal.progress({ stage: "probe", done: 1, total: 5, unit: "fits" });
  clock.ms = 2500;
  terminal.finish();
  assert.equal(
    text(),
    "download: 5.0 MB in 0.12 s\nfeatures: 9 images in 1.25 s\nprobe: 1 fits in 0.50 s\n",
  );
});

Deno.test("colour is used on a terminal that wants it, and nowhere else", () => {
  const coloured = terminalFor({ isTerminal: true, color: true });
  coloured.terminal.error("no");
  assert.equal(coloured.text(), "\x1b[31mno\x1b[39m\n");
  const piped = terminalFor({ isTerminal: false, color: true });
  piped.terminal.error("no");
  assert.equal(piped.text(), "no\n");
});

Deno.test("the progress line tells figures, megabytes and long waits in words", () => {
  const at = (elapsedMs: number) => ({ elapsedMs, first: 0 });
  assert.equal(
    progressLine({ stage: "epoch", done: 3, total: 10, detail: { loss: 0.123456 } }, at(0)),
    "epoch  3/10  30 %  loss 0.1235",
  );
  assert.equal(
    progressLine({ stage: "download", done: 5e6, total: 20e6, unit: "bytes" }, at(60_000)),
    "download  5.0/20.0 MB  25 %  3 min 0 s left",
  );
  assert.equal(
    progressLine({ stage: "features", done: 1, total: 61, unit: "images" }, at(120_000)),
    "features  1/61 images  1 %  2 h 0 min left",
  );
});

Deno.test("the estimate counts from where the stage began", () => {
  const line = progressLine(
    { stage: "download", done: 75, total: 100 },
    { elapsedMs: 5000, first: 50 },
  );
  assert.equal(line, "download  75/100  75 %  5 s left");
});
