/** Matrices turned over. @module */

/** Rows and columns that are turned over at once, so that both sides stay in the cache. */
const TILE = 32;

/**
 * The row-major matrix `[rows, columns]` as `[columns, rows]`.
 *
 * @param to Where it goes. @default a new array
 */
export function transposed(
  matrix: Float32Array,
  rows: number,
  columns: number,
  to: Float32Array = new Float32Array(matrix.length),
): Float32Array {
  for (let top = 0; top < rows; top += TILE) {
    const bottom = Math.min(rows, top + TILE);
    for (let first = 0; first < columns; first += TILE) {
      const end = Math.min(columns, first + TILE);
      for (let column = first; column < end; column++) {
        for (let row = top; row < bottom; row++) {
          to[column * rows + row] = matrix[row * columns + column];
        }
      }
    }
  }
  return to;
}
