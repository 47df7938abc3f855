/** "Did you mean". @module */

/**
 * The known name that takes the fewest edits to reach, if those are few enough for a slip of the finger: at most a
 * third of the letters, and two at least. A name that begins with `text` counts as one edit away.
 *
 * @example
 * ```ts
 * import { nearest } from "./nearest.ts";
 * if (nearest("wieghts", ["label", "weights"]) !== "weights") throw new Error();
 * if (nearest("banana", ["label", "weights"]) !== undefined) throw new Error();
 * ```
 */
export function nearest(text: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let fewest = Math.max(2, Math.floor(text.length / 3)) + 1;
  for (const name of known) {
    const edits = text.length > 1 && name.startsWith(text) ? 1 : editDistance(text, name);
    if (edits < fewest && edits < name.length) [best, fewest] = [name, edits];
  }
  return best;
}

/** Letters to insert, delete, replace or swap with their neighbour (optimal string alignment). */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = rows[i - 1][j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(replace, rows[i - 1][j] + 1, row[j - 1] + 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) row[j] = Math.min(row[j], rows[i - 2][j - 2] + 1);
    }
    rows.push(row);
  }
  return rows[a.length][b.length];
}
