/** CSV files of pixels, and of paths. @module */
import type { Dice } from "../dice.ts";
import { joined, mutate } from "../mutate.ts";
import { encodePng } from "../../../src/data/encode_png.ts";
import type { Target } from "../target.ts";
import { scratch } from "./files.ts";
import { openAndLook } from "./opened.ts";

/** Names of files that paths may lead to. */
const PICTURES = ["a.png", "b.png", "sub/c.png", "damaged.png", "d e.png"];

/** CSV files, beside some images. */
export async function tableTarget(kind: "pixels" | "paths"): Promise<Target> {
  const { path, remove } = await scratch();
  await Deno.mkdir(`${path}/sub`);
  const dot = await encodePng({ height: 1, width: 2, channels: 1, data: Uint8Array.of(0, 255) });
  for (const name of PICTURES) {
    await Deno.writeFile(`${path}/${name}`, name === "damaged.png" ? dot.subarray(0, 40) : dot);
  }
  const table = `${path}/table.csv`;
  return {
    make: (dice) => tableFile(dice, kind),
    async run(bytes, dice) {
      Deno.writeFileSync(table, bytes);
      const named = kind === "pixels" ? "pixel-csv" as const : "path-csv" as const;
      const options = {
        ...dice.chance(0.2) && { format: named },
        ...dice.chance(0.2) && { requireLabels: false },
        ...dice.chance(0.1) && { label: dice.pick(["label", "y", "0", "no such"]) },
        ...dice.chance(0.05) && kind === "pixels" && { maxRows: dice.size(10), format: named },
      };
      return await openAndLook(table, options, dice);
    },
    close: remove,
  };
}

const LABEL_NAMES = ["y", "label", "class", "target", "Label", "breed", "id", "x", ""];
const PATH_NAMES = ["path", "file", "filename", "image", "filepath", "image_id", "id"];
const WORDS = [
  "cat",
  "dog",
  "01",
  "1",
  "007",
  "7",
  "1.0",
  "-1",
  "1e3",
  "NaN",
  "",
  " ",
  "é",
  "e\u0301",
  "a,b",
  'a"b',
  "a\nb",
  "=1+1",
  "\u202e",
  "\0",
  "__proto__",
  "constructor",
  "null",
  "x".repeat(3000),
  "\ufeff",
  "9".repeat(400),
  "train",
  "test",
]; // deno-fmt-ignore-line

/** How a program may write tables. */
interface Dialect {
  readonly separator: string;
  readonly lineEnd: string;
  readonly quotes: number;
  readonly mark: Uint8Array;
}

/** A table, sound or nearly so. */
export function tableFile(dice: Dice, kind: "pixels" | "paths"): Uint8Array<ArrayBuffer> {
  const dialect: Dialect = {
    separator: dice.chance(0.93) ? "," : dice.pick([";", "\t", "|", ", "]),
    lineEnd: dice.chance(0.93)
      ? dice.pick(["\n", "\r\n"])
      : dice.pick(["\r", "\n\n", "\r\r\n", "\n\r"]),
    quotes: dice.chance(0.7) ? 0 : dice.share(),
    mark: dice.chance(0.9) ? new Uint8Array(0) : dice.pick(
      [[0xef, 0xbb, 0xbf], [0xff, 0xfe], [0xfe, 0xff]].map((mark) => Uint8Array.from(mark)),
    ),
  };
  const odd = dice.chance(0.4) ? 0.03 : 0;
  const rows = kind === "pixels" ? pixelRows(dice, odd) : pathRows(dice, odd);
  const lines = rows.map((row) =>
    row.map((cell) => quote(cell, dialect, dice)).join(dialect.separator)
  );
  const end = dice.chance(0.8) ? dialect.lineEnd : "";
  const text = new TextEncoder().encode(lines.join(dialect.lineEnd) + end);
  const file = joined(dialect.mark, text);
  return dice.chance(0.15) ? mutate(file, dice) : file;
}

function quote(cell: string, { quotes, separator }: Dialect, dice: Dice): string {
  const needs = cell.includes(separator) || /["\r\n]/.test(cell);
  if (!(needs ? dice.chance(0.95) : dice.chance(quotes))) return cell;
  return `"${dice.chance(0.99) ? cell.replaceAll('"', '""') : cell}"`;
}

function pixelRows(dice: Dice, odd: number): string[][] {
  const side = dice.size(12);
  const columns = dice.chance(0.85) ? side * side * dice.pick([1, 1, 3]) : dice.size(300);
  const label = dice.chance(0.9) ? dice.pick(LABEL_NAMES) : undefined;
  const index = dice.chance(0.1);
  const last = dice.chance(0.5);
  const row = (pixels: string[], name: string, number: string) => [
    ...index ? [number] : [],
    ...label !== undefined && !last ? [name] : [],
    ...pixels,
    ...label !== undefined && last ? [name] : [],
  ];
  const header = Array.from(
    { length: columns },
    (_, i) => `${dice.chance(odd / 10) ? dice.pick(WORDS) : `pixel${i}`}`,
  );
  const rows = dice.chance(0.97) ? [row(header, label ?? "", "")] : [];
  const cell = () => {
    if (!dice.chance(odd)) return String(dice.below(256));
    return dice.pick([
      "256",
      "-1",
      "1.5",
      "12.0",
      "12.",
      "1e2",
      "0x10",
      "",
      " 7 ",
      "+5",
      "٣",
      "99999999999",
      ...WORDS,
    ]);
  };
  const classes = dice.chance(0.7)
    ? ["0", "1", "2"]
    : Array.from({ length: 4 }, () => dice.pick(WORDS));
  for (let i = dice.size(20) - 1; i >= 0; i--) {
    const cells = row(Array.from({ length: columns }, cell), dice.pick(classes), String(i));
    if (dice.chance(odd)) cells.splice(dice.below(cells.length), dice.size(3));
    if (dice.chance(odd)) cells.push(...Array(dice.size(100)).fill("1"));
    rows.push(cells);
  }
  return rows;
}

function pathRows(dice: Dice, odd: number): string[][] {
  const extra = dice.below(3);
  const columns = [dice.pick(PATH_NAMES), ...dice.chance(0.9) ? [dice.pick(LABEL_NAMES)] : []];
  for (let i = 0; i < extra; i++) {
    columns.push(dice.pick(["split", "width", "x", "y", "note", "daisy", "rose", ""]));
  }
  if (dice.chance(0.2)) columns.reverse();
  const path = columns.findIndex((name) => PATH_NAMES.includes(name));
  const rows = dice.chance(0.8) ? [columns] : [];
  for (let i = dice.size(10); i > 0; i--) {
    const cells = columns.map((_, column) =>
      column === path
        ? pathCell(dice, odd)
        : dice.chance(0.9)
        ? dice.pick(["cat", "dog", "0", "1"])
        : dice.pick(WORDS)
    );
    if (dice.chance(odd)) cells.splice(dice.below(cells.length), 1);
    rows.push(cells);
  }
  return rows;
}

function pathCell(dice: Dice, odd: number): string {
  if (!dice.chance(odd * 3)) return dice.pick(PICTURES);
  return dice.pick([
    "../../../../etc/passwd.png",
    "/dev/zero",
    "/dev/stdin",
    "/proc/self/environ",
    "missing.png",
    "a",
    "sub",
    ".",
    "",
    "http://127.0.0.1:9/a.png",
    "file:///etc/passwd",
    "a.png\0.txt",
    "C:\\a.png",
    "sub\\c.png",
    "x".repeat(5000),
    "table.csv",
    ...WORDS,
  ]); // deno-fmt-ignore-line
}
