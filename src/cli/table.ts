/** Tables of plain text. @module */

/** A number, with its unit or not. */
const IS_NUMBER = /^-?[\d.]+( (%|MB))?$/;

/**
 * Lines of a table: columns as wide as their widest cell, two spaces between; columns of numbers stand to the right.
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
): string[] {
  const all = [header, ...rows];
  const widths = header.map((_, column) =>
    Math.max(...all.map((row) => String(row[column]).length))
  );
  const isNumber = header.map((_, column) =>
    rows.length > 0 && rows.every((row) => IS_NUMBER.test(String(row[column])))
  );
  return all.map((row) =>
    row.map((cell, column) =>
      isNumber[column] ? String(cell).padStart(widths[column]) : String(cell).padEnd(widths[column])
    ).join("  ").trimEnd()
  );
}
