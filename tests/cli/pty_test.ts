// The command line in a real terminal: what a person sees, and what is left when it ends.
import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { textWidth } from "../../src/cli/text_width.ts";
import { emptyFolder } from "./graft.ts";
import { framesOf, graftInPty, screenOf, whyNoPty } from "./pty.ts";

const noPty = await whyNoPty();
if (noPty) console.warn(`SKIPPED: the command line in a real terminal, ${noPty}`);
const ignore = noPty !== undefined;

/** Drawing this many pictures takes more than the second from which on progress is shown. */
const ROWS = 4000;

Deno.test({
  name: "in a terminal progress is one line that fits and is gone at the end",
  ignore,
  async fn() {
    await using folder = await emptyFolder();
    const [data, result] = [folder.file("data.csv"), folder.file("result.txt")];
    const { code, written } = await graftInPty(["sample", "--rows", `${ROWS}`, "--out", data], {
      permissions: [`--allow-read=${folder.path}`, `--allow-write=${folder.path}`],
      columns: 54, // room for the pace, too, when many seconds are left
      stdout: result,
    });
    assert.equal(code, 0, written);
    const frames = framesOf(written).filter((frame) => frame !== "");
    assert.ok(frames.length > 1, JSON.stringify(written));
    assert.ok(frames.some((frame) => frame.includes("\x1b[2m")), "no colour on a terminal");
    const plain = frames.map((frame) => stripVTControlCharacters(frame));
    assert.ok(plain.some((frame) => / s left$/.test(frame)), plain.join("\n"));
    for (const frame of plain) {
      // The first one of a busy machine knows no pace yet, and has room for the bar.
      assert.match(
        frame,
        /^drawing {2}([^ ]+ {2,})?\d+\/4000 images {2}\d+ %( {2}\d+\/s)?( {2}\d+ s left)?$/,
      );
      assert.ok(textWidth(frame) <= 51, frame);
    }
    assert.deepEqual(screenOf(written), [""]);
    assert.match(await Deno.readTextFile(result), /^[^\n]*data\.csv: 4000 pictures [^\n]*\n$/);
  },
});

Deno.test({
  name: "Ctrl-C leaves one line that says so, and no trace of the progress",
  ignore,
  async fn() {
    await using folder = await emptyFolder();
    const data = folder.file("data.csv");
    const { code, written } = await graftInPty(["sample", "--rows", "1000000", "--out", data], {
      permissions: [`--allow-read=${folder.path}`, `--allow-write=${folder.path}`],
      press: { after: "drawing", times: 1 },
      env: { NO_COLOR: "1" },
    });
    assert.equal(code, 130, written);
    assert.ok(!written.replaceAll("\x1b[2K", "").includes("\x1b"), "colour in spite of NO_COLOR");
    assert.deepEqual(screenOf(written), ["graft: stopped by Ctrl-C", ""]);
    assert.deepEqual(folder.names(), []);
  },
});

Deno.test({
  name:
    "a second Ctrl-C ends work that has not ended yet, at once and without a trace of the progress",
  ignore,
  async fn() {
    const { code, written, secondsAfterPress } = await graftInPty(["the best is kept", "1000"], {
      program: "tests/cli/programs/deaf_work.ts",
      press: { after: "deaf", times: 2 },
      env: { NO_COLOR: "1" },
    });
    assert.equal(code, 130, written);
    assert.deepEqual(screenOf(written), [
      "graft: Ctrl-C: the best is kept",
      "graft: ended by a second Ctrl-C, in the middle of the work",
      "",
    ]);
    assert.ok(secondsAfterPress! < 1, `${secondsAfterPress} s`);
    assert.match(written, /is kept\r\n[^]*deaf /); // the progress goes on in between
  },
});

Deno.test({
  name: "where the locale is not UTF-8, or the terminal is dumb, it gets what it can show",
  ignore,
  async fn() {
    const run = (env: Record<string, string>) =>
      graftInPty(["nothing is kept", "40"], {
        program: "tests/cli/programs/deaf_work.ts",
        permissions: ["--allow-env"],
        env: { NO_COLOR: "1", ...env },
      });
    const [ascii, dumb] = await Promise.all([run({ LANG: "C" }), run({ TERM: "dumb" })]);
    assert.equal(ascii.code, 0, ascii.written);
    assert.match(ascii.written, /deaf {2}\[#*\.*\] {2}\d+\/40 steps/);
    assert.match(ascii.written.replaceAll("\x1b[2K", ""), /^[\r\n -~]*$/);
    assert.deepEqual(dumb, { code: 0, written: "", secondsAfterPress: null });
  },
});

Deno.test({
  name: "a table on stdout fits the terminal, with faint headings unless NO_COLOR is set",
  ignore,
  async fn() {
    const run = (env: Record<string, string>) => graftInPty(["weights"], { columns: 60, env });
    const [coloured, plain] = await Promise.all([run({}), run({ NO_COLOR: "1" })]);
    assert.ok(coloured.written.startsWith("\x1b[2mname"), JSON.stringify(coloured.written));
    assert.equal(stripVTControlCharacters(coloured.written), plain.written);
    assert.ok(!plain.written.includes("\x1b"));
    const table = plain.written.split("\r\n").slice(0, 5);
    assert.match(table[4], /^random /);
    for (const line of table) assert.ok(textWidth(line) <= 60, line);
  },
});
