import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import type { Progress, ProgressOptions } from "../../src/core/progress.ts";
import type { ByteInput } from "../../src/data/byte_input.ts";
import { type PixelCsvOptions, readPixelCsv } from "../../src/data/pixel_csv.ts";

/** Text or bytes as an input, in pieces of `pieceSize` bytes. */
function input(content: string | Uint8Array, pieceSize = 1 << 20): ByteInput {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  async function* chunks() {
    for (let start = 0; start < bytes.length; start += pieceSize) {
      // A copy that the next piece overwrites, as the real inputs do.
      const piece = bytes.slice(start, start + pieceSize);
      yield await Promise.resolve(piece);
      piece.fill(0x39);
    }
  }
  return { name: "data.csv", size: bytes.length, chunks: chunks(), [Symbol.dispose]() {} };
}

async function read(
  content: string | Uint8Array,
  options?: PixelCsvOptions & ProgressOptions,
  pieceSize?: number,
) {
  const { pixels, classes, labels } = await readPixelCsv(input(content, pieceSize), options);
  const rows = Array.from({ length: pixels.length }, (_, i) => [...pixels.row(i)]);
  return { shape: [...pixels.shape], rows, classes: [...classes], labels: [...labels] };
}

/** Asserts that reading gives a one-line {@linkcode UserError} that holds each of `parts`. */
async function refuses(
  content: string | Uint8Array,
  parts: string[],
  options?: PixelCsvOptions,
): Promise<void> {
  await assert.rejects(read(content, options), (error: Error) => {
    assert.ok(error instanceof UserError, `${error.stack}`);
    assert.ok(!error.message.includes("\n"), error.message);
    for (const part of ["Cannot read data.csv: ", ...parts]) {
      assert.ok(error.message.includes(part), `${error.message} lacks ${part}`);
    }
    return true;
  });
}

const SMALL = {
  shape: [2, 2, 1],
  rows: [[0, 10, 200, 255], [1, 2, 3, 4]],
  classes: ["3", "7"],
  labels: [1, 0],
};

Deno.test("the lab's form: quoted names, the label last", async () => {
  assert.deepEqual(await read('"V1","V2","V3","V4","y"\n0,10,200,255,7\n1,2,3,4,3\n'), SMALL);
});

Deno.test("the label may stand anywhere and be found by any of its usual names", async () => {
  assert.deepEqual(await read("label,a,b,c,d\n7,0,10,200,255\n3,1,2,3,4\n"), SMALL);
  assert.deepEqual(await read("a,b,Class,c,d\n0,10,7,200,255\n1,2,3,3,4\n"), SMALL);
  assert.deepEqual(await read("target,a,b,c,d\n7,0,10,200,255\n3,1,2,3,4\n"), SMALL);
});

Deno.test("a label column is chosen by name, and y then holds pixels", async () => {
  const text = "y,b,c,d,kind\n0,10,200,255,7\n1,2,3,4,3\n";
  assert.deepEqual(await read(text, { label: "kind" }), SMALL);
});

Deno.test("line ends, blank lines, a byte order mark and a missing last line end do not matter", async () => {
  const lines = ["a,b,c,d,y", "0,10,200,255,7", "1,2,3,4,3"];
  for (
    const text of [
      lines.join("\n"),
      lines.join("\r\n"),
      lines.join("\r\n") + "\r\n",
      "\ufeff" + lines.join("\n"),
      "\n" + lines.join("\n\n") + "\n\n\n",
    ]
  ) {
    assert.deepEqual(await read(text), SMALL, JSON.stringify(text));
  }
});

Deno.test("pixels and labels may be quoted, spaced, or written with a point", async () => {
  assert.deepEqual(await read('a,b,c,d,y\n"0","10","200","255","7"\n"1","2","3","4","3"\n'), SMALL);
  assert.deepEqual(
    await read('a,b,c,d,y\n0.0,10.00,200.,255.0,7.0\n" 1 ", 2 ,3e0,"4.0",3\n'),
    SMALL,
  );
  assert.deepEqual(await read("a,b,c,d,y\n+0,010,0200,0255,7\n1,2,3,4,3\n"), SMALL);
});

Deno.test("however the bytes arrive, the result is the same", async () => {
  const text = '"a","b","c","d","y"\r\n0,"10",200,255,7\r\n\r\n1,2.0,3,4,3';
  for (let size = 1; size < 30; size++) assert.deepEqual(await read(text, {}, size), SMALL);
});

Deno.test("pandas' row index, a first column without a name, is left out", async () => {
  assert.deepEqual(await read(",a,b,c,d,y\n0,0,10,200,255,7\n999,1,2,3,4,3\n"), SMALL);
  assert.deepEqual(await read("Unnamed: 0,y,a,b,c,d\nx,7,0,10,200,255\n,3,1,2,3,4\n"), SMALL);
});

Deno.test("columns may be called by number", async () => {
  const { labels } = await read("0,1,2,3\n1,2,3,4\n", { label: null });
  assert.deepEqual(labels, [-1]);
  assert.deepEqual(await read("label,0,1,2,3\n7,0,10,200,255\n3,1,2,3,4\n"), SMALL);
});

Deno.test("classes of whole numbers are ordered by number, other names by character", async () => {
  const rows = (labels: string[]) => "a,y\n" + labels.map((label) => `1,${label}`).join("\n");
  const numbers = await read(rows(["10", "9", "2.0", "-1", "2"]));
  assert.deepEqual(numbers.classes, ["-1", "2", "9", "10"]);
  assert.deepEqual(numbers.labels, [3, 2, 1, 0, 1]);
  const names = await read(rows(["shirt", "10", '"T-shirt, short"', '"a ""b"""', "ärmel"]));
  assert.deepEqual(names.classes, ["10", "T-shirt, short", 'a "b"', "shirt", "ärmel"]);
  const long = await read(rows(["90071992547409931", "90071992547409930"]));
  assert.deepEqual(long.classes, ["90071992547409930", "90071992547409931"]);
});

Deno.test("a file without labels is read when that is asked for", async () => {
  const text = "a,b,c,d\n1,2,3,4\n";
  const expected = { shape: [2, 2, 1], rows: [[1, 2, 3, 4]], classes: [], labels: [-1] };
  assert.deepEqual(await read(text, { label: null }), expected);
  assert.deepEqual(await read(text, { requireLabels: false }), expected);
  const labelled = await read("a,b,c,d,y\n1,2,3,4,5\n", { requireLabels: false });
  assert.deepEqual(labelled.classes, ["5"]);
});

Deno.test("a shape may be given, of one or three channels", async () => {
  const text = "a,b,c,d,e,f,y\n1,2,3,4,5,6,0\n";
  assert.deepEqual((await read(text, { shape: [2, 3] })).shape, [2, 3, 1]);
  assert.deepEqual((await read(text, { shape: [1, 2, 3] })).shape, [1, 2, 3]);
});

Deno.test("no more rows are read than asked for", async () => {
  const { rows } = await read("a,y\n1,0\n2,0\nbroken", { maxRows: 2 });
  assert.deepEqual(rows, [[1], [2]]);
});

Deno.test("more rows than a block holds are kept in order", async () => {
  // 1,000 x 1,000 pixels: one picture a block.
  const header = Array.from({ length: 1_000_000 }, (_, i) => `p${i}`).join() + ",y\n";
  const row = (value: number) => `${value},`.repeat(1_000_000) + value + "\n";
  const text = header + row(1) + row(20) + row(255);
  const { pixels, labels } = await readPixelCsv(input(text, 700_000));
  assert.equal(pixels.length, 3);
  [1, 20, 255].forEach((value, i) => {
    assert.ok(
      pixels.row(i).length === 1_000_000 && pixels.row(i).every((pixel) => pixel === value),
    );
  });
  assert.deepEqual([...labels], [0, 1, 2]);
});

Deno.test("progress tells bytes, and a signal stops the reading", async () => {
  const reports: Progress[] = [];
  const text = "a,y\n1,0\n2,0\n";
  await read(text, { onProgress: (report) => reports.push(report) }, 5);
  assert.deepEqual(reports.map((report) => report.done), [5, 10, 12]);
  assert.deepEqual(reports[2], { stage: "read", done: 12, total: 12, unit: "bytes" });
  await assert.rejects(read(text, { signal: AbortSignal.abort(new Error("stop")) }), /stop/);
});

Deno.test("an empty file, and one with a header only, are refused", async () => {
  await refuses("", ["the file is empty"]);
  await refuses("a,b,c,d,y\n", ["no rows below the header"]);
});

Deno.test("a ragged row is refused with its line, found and expected", async () => {
  const header = "a,b,c,d,y\n";
  await refuses(`${header}1,2,3,4,5\n1,2,3,4\n`, ["line 3 has 4 fields, the header has 5"]);
  await refuses(`${header}1,2,3,4,5,6\n`, ["line 2 has 6 fields"]);
  await refuses(`${header}1,2,3,4,5,\n`, ["line 2 has 6 fields"]);
  // Not that its last pixel is "coat".
  await refuses(`${header}1,2,3,coat\n`, ["line 2 has 4 fields, the header has 5"]);
  await refuses(`${header}\n\n7\n`, ["line 4 has 1 field, the header has 5"]);
  await refuses(`${header}1,2,3,4,5\n1,2,3`, ["line 3 has 3 fields"]);
  await refuses('y,a,b\n"x,y",1,2,3\n', ["line 2 has 4 fields"], { shape: [1, 2] });
});

Deno.test("a pixel that is none is refused with line, column and name", async () => {
  const header = "a,b,c,dark,y\n";
  const place = 'line 2, column 4 ("dark")';
  await refuses(`${header}1,2,3,x,5\n`, [place, 'is "x", expected a number from 0 to 255']);
  await refuses(`${header}1,2,3,,5\n`, [place, "is empty"]);
  await refuses(`${header}1,2,3,256,5\n`, [place, 'is "256", expected a pixel from 0 to 255']);
  await refuses(`${header}1,2,3,1000,5\n`, [place, 'is "1000"']);
  await refuses(`${header}1,2,3,-1,5\n`, [place, 'is "-1", expected a pixel from 0 to 255']);
  await refuses(`${header}1,2,3,0.5,5\n`, [place, 'is "0.5", expected a whole number']);
  await refuses(`${header}1,2,3,nan,5\n`, [place, 'is "nan", expected a number']);
  await refuses(`${header}1,2,3,0x1,5\n`, [place, 'is "0x1", expected a number']);
  await refuses(`${header}1,2,3,"1"2,5\n`, [place, "expected a number"]);
  await refuses(`${header}1,2,3,1 2,5\n`, [place, 'is "1 2", expected a number']);
  await refuses("y,a\nn,7x\n", ['line 2, column 2 ("a") is "7x"']);
});

Deno.test("what a file holds cannot break the line of a message or steer a terminal", async () => {
  await refuses("a,y\n\x1b[31m\u2028,5\n", ['is " [31m", expected a number']);
  await refuses(`a,y\n${"9".repeat(5000)},5\n`, [`is "${"9".repeat(8)}…"`]);
  await refuses('"a\u0007b",c\n1,2\n', ['"a b", "c"']);
});

Deno.test("a row without a label is refused", async () => {
  await refuses("a,y\n1,\n", ['line 2, column 2 ("y") is empty, expected a label']);
  await refuses('a,y\n1,""\n', ['line 2, column 2 ("y") is empty']);
});

Deno.test("a quote that is not closed is refused at its line", async () => {
  await refuses('a,y\n1,0\n2,"shirt\n3,0\n', ['line 3, column 2 ("y")', "is not closed"]);
  await refuses('a,b,c,d,y\n"1,2,3,4,5\n', ['line 2, column 1 ("a")', "is not closed"]);
  await refuses('"a,y\n1,0\n', ["line 1, the header, has a misplaced or missing quote"]);
});

Deno.test("a missing label column is refused and the columns are listed, few of many", async () => {
  const few = "a,b,c,d\n1,2,3,4\n";
  await refuses(few, ['"y", "label", "class", "target"', "--label", '"a", "b", "c", "d"']);
  await refuses(few, ['no label column "kind"', 'its 4 columns are "a", "b", "c", "d"'], {
    label: "kind",
  });
  const many = Array.from({ length: 785 }, (_, i) => `V${i}`).join() + "\n1\n";
  await refuses(many, ['its 785 columns are "V0", "V1", "V2", "V3", … "V782", "V783", "V784"']);
  await refuses("y,a,y\n1,2,3\n", ['label column "y" is there twice, as columns 1 and 3']);
});

Deno.test("a first line of numbers is not taken for a header", async () => {
  await refuses("0,0,12,0,5\n1,2,3,4,5\n", ["line 1 holds numbers", "add a header line"]);
});

Deno.test("other separators are named", async () => {
  await refuses("a;b;y\n1;2;3\n", ["separated by semicolons"]);
  await refuses(`"a";"b";"y"\n1;2;3\n`, ["separated by semicolons"]);
  await refuses("a\tb\ty\n1\t2\t3\n", ["separated by tabs"]);
});

Deno.test("a header without pixel columns is refused", async () => {
  await refuses("y\n1\n", ['names no pixel columns, only "y"']);
});

Deno.test("three times a square of pixels is a square in colour", async () => {
  const header = Array.from({ length: 12 }, (_, i) => `p${i}`).join(",");
  const row = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
  const { shape, rows } = await read(`${header},y\n${row},0\n`);
  assert.deepEqual(shape, [2, 2, 3]);
  assert.deepEqual(rows, [row]);
});

Deno.test("pixels that make no square need a shape, and one that fits", async () => {
  await refuses("a,b,y\n1,2,0\n", ["2 pixels, which make no square, grey or", "--label NAME"]);
  await refuses("a,b,c,d,e,f,y\n1,2,3,4,5,6,0\n", [
    "6 pixels, which make no",
    "give height, width and channels as the shape: [28, 28, 1] (--shape",
  ]);
  const four = "a,b,c,d,y\n1,2,3,4,0\n";
  await refuses(four, ["a shape of 3x3x1 has 9 values, but its rows have 4"], { shape: [3, 3, 1] });
  await refuses(four, ["the shape is 1x2x2, expected"], { shape: [1, 2, 2] });
  await refuses(four, ["the shape is 2x-2", "expected"], { shape: [2, -2] });
  await refuses(four, ["the shape is 2.5x2"], { shape: [2.5, 2] });
});

Deno.test("files of other kinds are told by what they look like", async () => {
  const kinds: [number[] | string, string][] = [
    [[0x50, 0x4b, 3, 4, 20, 0], "a zip archive, expected a folder"],
    [[0x1f, 0x8b, 8, 0], "a gzip archive, expected a folder, a zip archive or a CSV; unpack it"],
    [[0x89, 0x50, 0x4e, 0x47], "a PNG picture, expected many: give the folder that holds them"],
    [[0xff, 0xd8, 0xff, 0xe0], "a JPEG picture"],
    [[0, 0, 8, 3, 0, 0], "an IDX file, expected"],
    [[0xff, 0xfe, 0x61, 0], "UTF-16 text"],
    [[0x61, 0x2c, 0x62, 0x0a, 0, 1, 2], "a binary file"],
    ["\n<!DOCTYPE html><html>", "a web page"],
    ['{"a": 1}', "JSON"],
    ['\x50\0\0\0\0\0\0\0{"__metadata__":{"format":"pt","graft":"{', "a model that graft keeps"],
    ['\x50\0\0\0\0\0\0\0{"__metadata__":{"a":"b","datasetSha256":"', "a file of features"],
    ['\x50\0\0\0\0\0\0\0{"weight":{', "a safetensors file, expected a folder"],
    ["\x08\x08\x12\x05graft\x1a\x05", "an ONNX model"],
    [`PK\x03\x04${"\0".repeat(26)}archive/data.pkl`, "a PyTorch checkpoint"],
    ["a".repeat(99) + "\0".repeat(158) + "ustar\0", "a tar archive, expected a folder"],
  ];
  for (const [content, kind] of kinds) {
    const bytes = typeof content === "string" ? content : Uint8Array.from(content);
    await refuses(bytes, [`it looks like ${kind}`]);
  }
});

Deno.test("text that is not UTF-8 is refused, not guessed at", async () => {
  const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
  await refuses(latin1("caf\xe9,y\n1,0\n"), ["line 1 is not UTF-8 text"]);
  await refuses(latin1("a,y\n1,caf\xe9\n"), ['line 2, column 2 ("y") is not UTF-8 text']);
});
