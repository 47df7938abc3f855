import assert from "node:assert/strict";
import { confusionLines } from "../../src/cli/confusion_lines.ts";
import { PLAIN_PAGE, terminalPage } from "../../src/cli/page.ts";
import { textWidth } from "../../src/cli/text_width.ts";

const CLASSES = ["t-shirt/top", "ankle boot", "bag"];
const CONFUSION = [[7, 0, 3], [1, 9, 0], [0, 0, 10]];
const SMALL = { classes: CLASSES, confusion: CONFUSION };

/** Of `count` classes, each taken for the next one as often as its number says. */
function manyClasses(count: number) {
  return {
    classes: Array.from({ length: count }, (_, i) => `american pit bull terrier ${i}`),
    confusion: Array.from(
      { length: count },
      (_, i) => Array.from({ length: count }, (_, j) => j === i ? 50 : j === i + 1 ? i : 0),
    ),
  };
}

Deno.test("where there is room the matrix has the names of the classes", () => {
  const lines = [
    "confusion (rows: true class, columns: predicted)",
    "             t-shirt/top  ankle boot  bag",
    "t-shirt/top            7           0    3",
    "ankle boot             1           9    0",
    "bag                    0           0   10",
  ];
  assert.deepEqual(confusionLines(SMALL, PLAIN_PAGE), lines);
  assert.deepEqual(confusionLines(SMALL, { ...PLAIN_PAGE, width: 41 }), lines);
});

Deno.test("on a narrower page the columns are numbered as the rows", () => {
  assert.deepEqual(confusionLines(SMALL, { ...PLAIN_PAGE, width: 40 }), [
    "confusion (rows: true class, columns: predicted, numbered as the rows)",
    "                1  2   3",
    "1  t-shirt/top  7  0   3",
    "2  ankle boot   1  9   0",
    "3  bag          0  0  10",
  ]);
});

Deno.test("of many classes the most confused pairs are told, the rest is counted", () => {
  const lines = confusionLines(manyClasses(37), { ...PLAIN_PAGE, width: 80 });
  assert.equal(lines[0], "most often confused");
  assert.match(lines[1], /^true class +predicted +pictures {2}of the class$/);
  assert.match(lines[2], /^american .*terrier 35 +american .*terrier 36 +35 +41 %$/);
  assert.equal(lines.length, 2 + 12 + 2);
  assert.equal(lines.at(-2), "and 23 more pairs");
  assert.match(lines.at(-1)!, /37 classes: --json, or into a file/);
  for (const line of lines) assert.ok(textWidth(line) <= 80, line);
  // In a file there is room for everything.
  assert.equal(confusionLines(manyClasses(37), PLAIN_PAGE).length, 1 + 1 + 37);
});

Deno.test("of many classes without a mistake nothing is listed", () => {
  const { classes, confusion } = manyClasses(37);
  const right = confusion.map((row, i) => row.map((count, j) => i === j ? count : 0));
  assert.equal(
    confusionLines({ classes, confusion: right }, { ...PLAIN_PAGE, width: 80 })[0],
    "no class was taken for another",
  );
});

Deno.test("what is right stands out, what never happened stands behind", () => {
  const lines = confusionLines(SMALL, terminalPage(80, { color: true }));
  assert.equal(
    lines[2],
    "t-shirt/top  \x1b[1m          7\x1b[22m  \x1b[2m         0\x1b[22m    3",
  );
});
