import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import type { ByteInput } from "../../src/data/byte_input.ts";
import { type PixelCsvOptions, readPixelCsv } from "../../src/data/pixel_csv.ts";
import { refuses as rejects } from "./sources/picture_tree.ts";

function input(text: string): ByteInput {
  const bytes = new TextEncoder().encode(text);
  async function* chunks() {
    yield await Promise.resolve(bytes);
  }
  return { name: "data.csv", size: bytes.length, chunks: chunks(), [Symbol.dispose]() {} };
}

const refuses = (text: string, parts: string[], options?: PixelCsvOptions) =>
  rejects(() => readPixelCsv(input(text), options), ...parts);

Deno.test("labels are text: codes with leading zeros stay apart, a point behind whole numbers is noted", async () => {
  const labels = async (...cells: string[]) => {
    const text = "a,y\n" + cells.map((cell) => `1,${cell}`).join("\n");
    const { classes, notes } = await readPixelCsv(input(text));
    return { classes, notes };
  };
  assert.deepEqual(await labels("01", "02"), { classes: ["01", "02"], notes: [] });
  assert.deepEqual(await labels("007", "7", "007"), {
    classes: ["007", "7"],
    notes: [
      'labels "7" and "007" stay two classes: labels are text; write them alike if they are one',
    ],
  });
  assert.deepEqual(await labels("0.0", "1.0", "9.0"), {
    classes: ["0", "1", "9"],
    notes: ['labels such as "0.0" are read as whole numbers: class "0"'],
  });
  assert.deepEqual(await labels("1", "1.0", "2"), {
    classes: ["1", "2"],
    notes: ['labels such as "1.0" and "1" are read as one class, "1"'],
  });
  assert.deepEqual(await labels("1.0", "1.5"), { classes: ["1.0", "1.5"], notes: [] });
  assert.deepEqual(await labels("Anger", "anger", "joy"), {
    classes: ["Anger", "anger", "joy"],
    notes: [
      'classes that differ by case only stay apart: "Anger" and "anger"; name them alike if they are one',
    ],
  });
});

Deno.test("of two columns that may be the labels neither is taken for the other", async () => {
  const text = "a,b,c,d,y,label\n1,2,3,4,0,cat\n1,2,3,4,1,dog\n";
  await refuses(text, ['"y" and "label" may each be the column of labels', "(--label NAME)"]);
  const { classes, pixels, notes } = await readPixelCsv(input(text), { label: "label" });
  assert.deepEqual([classes, pixels.shape, notes], [["cat", "dog"], [2, 2, 1], [
    'left out what are no pixels: "y"',
  ]]);
});

Deno.test("a column of identifiers is left out if the others make a square, and that is noted", async () => {
  const { pixels, notes } = await readPixelCsv(input("id,a,b,c,d,y\nx7,0,10,200,255,7\n"));
  assert.deepEqual([[...pixels.row(0)], notes], [[0, 10, 200, 255], [
    'left out what are no pixels: "id"',
  ]]);
  const { pixels: four } = await readPixelCsv(input("id,a,b,c,y\n9,10,200,255,7\n"));
  assert.deepEqual([...four.row(0)], [9, 10, 200, 255]);
});

Deno.test("a file of a byte order mark and empty lines is empty", async () => {
  for (const text of ["", "\ufeff", "\ufeff\r\n\r\n\n", "\n \n"]) {
    await refuses(text, ["the file is empty"]);
  }
});

Deno.test("a text that is given by mistake is not repeated", async () => {
  const secrets = "DB_PASSWORD=hunter2-is-secret\nAWS_SECRET=abcdefghijklmnop\n";
  const twoColumns = "DB_PASSWORD=hunter2,x=is-secret\nAWS_SECRET=abcdefghijklmnop,1\n";
  for (const text of [secrets, twoColumns, `a,y\n${secrets},1\n`]) {
    for (const options of [{}, { requireLabels: false }, { label: null }]) {
      await assert.rejects(readPixelCsv(input(text), options), (error: Error) => {
        assert.ok(error instanceof UserError, error.stack);
        assert.doesNotMatch(error.message, /hunter2|secret|abcdef|SECRET=/);
        return true;
      });
    }
  }
  await refuses(secrets, ["line 1", '"DB_PASSW…"'], { requireLabels: false });
});
