/** A curve in one line of text. @module */

const BLOCKS = "▁▂▃▄▅▆▇█";

/**
 * Means of neighbours, so that `cells` values stand for all; the values themselves where there are no more than that.
 *
 * @param cells At least 1.
 */
export function averaged(values: readonly number[], cells: number): number[] {
  if (values.length <= cells) return [...values];
  return Array.from({ length: cells }, (_, cell) => {
    const from = Math.floor(cell * values.length / cells);
    const to = Math.floor((cell + 1) * values.length / cells);
    const part = values.slice(from, to);
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
}

/**
 * The values as blocks of eight heights, the least at the bottom and the greatest at the top; equal values lie at the
 * bottom, and a space stands for what is no number.
 *
 * @param cells Most characters of the line; more values than that are averaged.
 *
 * @example
 * ```ts
 * import { sparkline } from "./sparkline.ts";
 * if (sparkline([2, 1.5, 1, 0], 10) !== "█▇▅▁") throw new Error(sparkline([2, 1.5, 1, 0], 10));
 * ```
 */
export function sparkline(values: readonly number[], cells: number): string {
  const shown = averaged(values, cells);
  const finite = shown.filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const blockOf = (value: number) => {
    if (!Number.isFinite(value)) return " ";
    const height = high > low ? (value - low) / (high - low) : 0;
    return BLOCKS[Math.min(BLOCKS.length - 1, Math.floor(height * BLOCKS.length))];
  };
  return shown.map(blockOf).join("");
}
