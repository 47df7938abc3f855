/** Labels of a table of images. @module */

import { columnName } from "../../core/excerpt.ts";
import { UserError } from "../../core/errors.ts";
import {
  findLabelColumn,
  LABEL_NAMES,
  type LabelOptions,
  listColumns,
  severalLabels,
} from "../csv_header.ts";
import type { Headed, Table } from "./table.ts";

/** Names of a column that may identify images. */
export const ID_NAME = /^((image|img|file|photo|picture)[_ -]?)?ids?$/i;

/** How to find the labels. */
export type LabelColumnOptions = LabelOptions;

/**
 * Label of each row; `undefined` if it has none. Guesses are added to `notes`.
 *
 * @param taken Indices of the columns of paths and of parts; -1 for none.
 * @throws {UserError} When labels must be there and no column, or several, may be them.
 */
export function findLabels(
  table: Headed,
  taken: { readonly path: number; readonly split: number },
  { label, requireLabels = true }: LabelColumnOptions,
  notes: string[],
): readonly (string | undefined)[] {
  const { columns, rows, name } = table;
  const of = (column: number) => rows.map((row) => row[column] || undefined);
  const none = () => rows.map(() => undefined);
  if (label === null) return none();
  if (label !== undefined) return of(findLabelColumn(columns, { label }, name));
  const others = [...columns.keys()].filter((i) => i !== taken.path && i !== taken.split);
  const named = others.filter((i) => LABEL_NAMES.includes(columns[i].toLowerCase()));
  if (named.length > 1) return of(chooseLabel(table, named, notes));
  const [only] = named;
  if (only !== undefined && !isCoordinate(columns, only)) {
    findLabelColumn(columns, {}, name); // refuses one that is there twice
    return of(only);
  }
  // Of two columns, one holds the paths and the other one what else there is to say.
  if (others.length === 1 && !ID_NAME.test(columns[others[0]])) return of(others[0]);
  const hot = oneHot(table, others, requireLabels);
  if (hot !== undefined) {
    notes.push(`the classes are the columns that hold 1: ${listColumns(hot.columns)}`);
    return hot.labels;
  }
  if (requireLabels) {
    if (only === undefined) findLabelColumn(others.map((i) => columns[i]), {}, name); // throws
    throw new UserError(
      `Cannot read ${name}: column ${
        columnName(columns[only])
      }, beside "x", looks like a coordinate; if it holds the ` +
        `labels, name it (--label ${columns[only]}), else the one that does: its columns are ${
          listColumns(columns)
        }`,
    );
  }
  if (others.length > 0) {
    notes.push(`no column of labels is found: ${listColumns(others.map((i) => columns[i]))}`);
  }
  return none();
}

/** A column `y` beside a column `x`, or the other way round. */
function isCoordinate(columns: readonly string[], column: number): boolean {
  const lower = columns.map((name) => name.toLowerCase());
  return /^[xy]$/.test(lower[column]) && lower.includes("x") && lower.includes("y");
}

/** Of columns that are called so, the one that holds labels. @throws {UserError} When several may be it and differ. */
function chooseLabel(table: Headed, named: readonly number[], notes: string[]): number {
  const { columns, rows, name } = table;
  const texts = new Set(named.map((i) => columns[i]));
  if (texts.size < named.length) findLabelColumn(columns, {}, name); // refuses one that is there twice
  const reasons = new Map<number, string>();
  for (const i of named) {
    const reason = whyNoLabel(table, i);
    if (reason !== undefined) reasons.set(i, reason);
  }
  const likely = named.filter((i) => !reasons.has(i));
  const isSame = likely.length > 1 && likely.every((i) => sameClasses(rows, likely[0], i));
  if (likely.length !== 1 && !isSame) {
    throw severalLabels((likely.length > 1 ? likely : named).map((i) => columns[i]), name);
  }
  // Of names and numbers of the same classes, the names.
  const chosen = likely.find((i) => rows.some((row) => /\p{L}/u.test(row[i]))) ?? likely[0];
  const others = named.filter((i) => i !== chosen).map((i) =>
    `${columnName(columns[i])} ${reasons.get(i) ?? "has the same classes"}`
  );
  notes.push(`the labels are those of column ${columnName(columns[chosen])}: ${others.join(", ")}`);
  return chosen;
}

function whyNoLabel({ columns, rows }: Headed, column: number): string | undefined {
  if (isCoordinate(columns, column)) return "beside the other axis is read as a coordinate";
  const cells = rows.map((row) => row[column]);
  const distinct = new Set(cells);
  if (distinct.size === 1 && distinct.has("")) return "is empty";
  if (cells.length > 3 && distinct.size === cells.length) return "is different in each row";
  const isMeasure = cells.some((cell) => /^-?\d*\.\d*[1-9]/.test(cell)) &&
    cells.every((cell) => /^-?[\d.]+(e-?\d+)?$/i.test(cell) || cell === "");
  return isMeasure ? "holds measures" : undefined;
}

/** Whether two columns divide the rows into the same classes. */
function sameClasses(rows: Table["rows"], a: number, b: number): boolean {
  const [forth, back] = [new Map<string, string>(), new Map<string, string>()];
  return rows.every((row) => {
    if (!forth.has(row[a])) forth.set(row[a], row[b]);
    if (!back.has(row[b])) back.set(row[b], row[a]);
    return forth.get(row[a]) === row[b] && back.get(row[b]) === row[a];
  });
}

/** Labels of a table with a column of ones and zeros for each class. @throws {UserError} When a row has none or several ones. */
function oneHot(
  { columns, rows, name }: Headed,
  others: readonly number[],
  requireLabels: boolean,
):
  | { readonly columns: readonly string[]; readonly labels: readonly (string | undefined)[] }
  | undefined {
  const hot = others.filter((i) => rows.every((row) => /^[01](\.0*)?$/.test(row[i])));
  if (hot.length < 2) return undefined;
  const ones = rows.map((row) => hot.filter((i) => row[i].startsWith("1")));
  const odd = ones.findIndex(({ length }) => length !== 1);
  const names = hot.map((i) => columns[i]);
  if (odd < 0) return { columns: names, labels: ones.map(([i]) => columns[i]) };
  if (!requireLabels) return undefined;
  throw new UserError(
    `Cannot read ${name}: columns ${listColumns(names)} hold 1 and 0, but row ${odd + 1} has ${
      ones[odd].length
    } ones, expected one class for each image; name the column of labels (--label NAME)`,
  );
}
