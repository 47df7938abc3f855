import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { PLAIN_PAGE, terminalPage } from "../../src/cli/page.ts";
import { tableFits, tableLines } from "../../src/cli/table.ts";
import { textWidth } from "../../src/cli/text_width.ts";

const HEADER = ["file", "class", "share", "note"];
const ROWS = [
  ["holidays/beach/IMG_0001.jpg", "sandal", "97.0 %", "all of it"],
  ["a.jpg", "t-shirt/top", "3.5 %", ""],
];

Deno.test("texts stand to the left, numbers to the right, and no line ends in spaces", () => {
  assert.deepEqual(tableLines(HEADER, ROWS), [
    "file                         class         share  note",
    "holidays/beach/IMG_0001.jpg  sandal       97.0 %  all of it",
    "a.jpg                        t-shirt/top   3.5 %",
  ]);
});

Deno.test("columns hold for East Asian names and emoji", () => {
  assert.deepEqual(tableLines(["class", "n"], [["猫", 3], ["dog 🐕", 10], ["naïve", 1]]), [
    "class    n",
    "猫       3",
    "dog 🐕  10",
    "naïve    1",
  ]);
});

Deno.test("a cell without a number does not make texts of the numbers beside it", () => {
  assert.deepEqual(tableLines(["a", "size"], [["x", "1.5 MB"], ["y", ""]]), [
    "a    size",
    "x  1.5 MB",
    "y",
  ]);
  assert.deepEqual(tableLines(["a", "b"], [["x", ""]]), ["a  b", "x"]);
});

Deno.test("on a narrow page the longest texts are shortened first, numbers never", () => {
  const page = { ...PLAIN_PAGE, width: 44 };
  assert.deepEqual(tableLines(HEADER, ROWS, { page }), [
    "file          class         share  note",
    "holida…1.jpg  sandal       97.0 %  all of it",
    "a.jpg         t-shirt/top   3.5 %",
  ]);
});

Deno.test("where that is not enough, columns at the right are left out, and it is seen", () => {
  const page = { ...PLAIN_PAGE, width: 24 };
  assert.deepEqual(tableLines(HEADER, ROWS, { page }), [
    "file      class     …",
    "holi…jpg  sandal    …",
    "a.jpg     t-sh…top  …",
  ]);
});

Deno.test("no table is wider than its page, and one that fits is left alone", () => {
  const whole = tableLines(HEADER, ROWS);
  const natural = Math.max(...whole.map(textWidth));
  for (let width = 12; width <= natural + 5; width++) {
    const lines = tableLines(HEADER, ROWS, { page: { ...PLAIN_PAGE, width } });
    for (const line of lines) assert.ok(textWidth(line) <= width, `${width}: ${line}`);
    assert.equal(tableFits(HEADER, ROWS, width), width >= natural, `${width}`);
    if (width >= natural) assert.deepEqual(lines, whole);
  }
});

Deno.test("headings are faint and cells as they are wanted, without a change to the letters", () => {
  const page = terminalPage(80, { color: true });
  const emphasis = (row: number, column: number) => row === column ? "strong" as const : undefined;
  const lines = tableLines(["a", "b"], [["x", "y"], ["1", "z"]], { page, emphasis });
  assert.deepEqual(lines, [
    "\x1b[2ma\x1b[22m  \x1b[2mb\x1b[22m",
    "\x1b[1mx\x1b[22m  y",
    "1  \x1b[1mz\x1b[22m",
  ]);
  assert.deepEqual(
    tableLines(HEADER, ROWS, { page }).map((line) => stripVTControlCharacters(line)),
    tableLines(HEADER, ROWS),
  );
  assert.deepEqual(
    tableLines(HEADER, ROWS, { page: terminalPage(80, { color: false }) }),
    tableLines(HEADER, ROWS),
  );
});

Deno.test("a name can neither break a line nor steer the terminal", () => {
  const lines = tableLines(["class"], [["a\nb"], ["\x1b[31mred"], ["abc\u202edef"]]);
  assert.deepEqual(lines, ["class", "a b", " [31mred", "abc def"]);
});
