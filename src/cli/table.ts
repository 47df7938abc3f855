/** Tables of plain text. @module */

import { printable } from "../core/printable.ts";
import { type Page, PLAIN_PAGE } from "./page.ts";
import { padText, shortenText, textWidth } from "./text_width.ts";

/** A number, with its unit or not. */
const IS_NUMBER = /^-?[\d.]+( (%|MB))?$/;
const GAP = "  ";
/** Text is not shortened below this width: less tells nothing. */
const MIN_TEXT_WIDTH = 8;

/** What a table is drawn on and how. */
export interface TableOptions {
  /** What it is printed on: no line is wider, and headings are faint. @default PLAIN_PAGE */
  readonly page?: Page;
  /** Which cells are lifted out or put behind. @default none */
  readonly emphasis?: (row: number, column: number) => "strong" | "faint" | undefined;
}

/**
 * Lines of a table: columns as wide as their widest cell, two spaces between; columns of numbers stand to the right.
 * Where the page is too narrow for that, texts are shortened, and then columns at the right left out, for which `…`
 * stands.
 *
 * @param rows Cells by row, all rows alike in length.
 *
 * @example
 * ```ts
 * import { tableLines } from "./table.ts";
 * const lines = tableLines(["class", "rows"], [["shirt", 9], ["bag", 100]]);
 * if (lines.join("\n") !== "class  rows\nshirt     9\nbag     100") throw new Error(lines.join("\n"));
 * ```
 */
export function tableLines(
  header: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  { page = PLAIN_PAGE, emphasis = () => undefined }: TableOptions = {},
): string[] {
  const { cells, widths, isNumber } = fitTable(textCells([header, ...rows]), page.width);
  return cells.map((row, r) => {
    const isLast = (column: number) => column === row.length - 1;
    return row.map((cell, column) => {
      const side = isNumber[column] ? "before" : "behind";
      // No spaces at the end of a line.
      const text = isLast(column) && side === "behind" ? cell : padText(cell, widths[column], side);
      const style = r === 0 ? "faint" : emphasis(r - 1, column);
      return style === undefined || text.trim() === "" ? text : page[style](text);
    }).join(GAP).trimEnd();
  });
}

/** Whether the table is whole at this width. */
export function tableFits(
  header: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  width: number,
): boolean {
  return totalWidth(measureTable(textCells([header, ...rows])).widths) <= width;
}

/** Cells as text; the first row is the header. */
type Cells = readonly (readonly string[])[];

/** A table with the widths of its columns. */
interface MeasuredTable {
  readonly cells: Cells;
  readonly widths: readonly number[];
  readonly isNumber: readonly boolean[];
}

/** Names come from files: they may neither break a line nor steer a terminal. */
function textCells(rows: readonly (readonly (string | number)[])[]): Cells {
  return rows.map((row) => row.map((cell) => printable(String(cell))));
}

function measureTable(cells: Cells): MeasuredTable {
  const [header, ...rows] = cells;
  return {
    cells,
    widths: header.map((_, column) => Math.max(...cells.map((row) => textWidth(row[column])))),
    isNumber: header.map((_, column) => {
      const given = rows.map((row) => row[column]).filter((cell) => cell !== "");
      return given.length > 0 && given.every((cell) => IS_NUMBER.test(cell));
    }),
  };
}

function totalWidth(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1);
}

/** The table with its texts shortened, and columns left out if need be, so that it fits. */
function fitTable(cells: Cells, width: number): MeasuredTable {
  const whole = measureTable(cells);
  if (totalWidth(whole.widths) <= width) return whole;
  const widths = [...whole.widths];
  const shrinkable = (column: number) => !whole.isNumber[column] && widths[column] > MIN_TEXT_WIDTH;
  while (totalWidth(widths) > width) {
    const columns = [...widths.keys()].filter(shrinkable);
    if (columns.length === 0) break;
    widths[columns.reduce((a, b) => widths[a] >= widths[b] ? a : b)]--;
  }
  const shortened = cells.map((row) =>
    row.map((cell, column) => shortenText(cell, widths[column]))
  );
  let shown = widths.length;
  const used = () => totalWidth([...widths.slice(0, shown), ...shown < widths.length ? [1] : []]);
  while (shown > 1 && used() > width) shown--;
  if (shown === widths.length) return measureTable(shortened);
  return measureTable(shortened.map((row) => [...row.slice(0, shown), "…"]));
}
