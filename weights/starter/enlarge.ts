/** Small drawings on larger pictures. @module */

/**
 * Scales a square drawing up, by straight lines between pixels.
 *
 * @param drawn `[from, from]`
 * @returns `[side, side]`
 */
export function enlarge(drawn: ArrayLike<number>, from: number, side: number): Float64Array {
  const places = Array.from({ length: side }, (_, i) => {
    const at = Math.min(from - 1, Math.max(0, (i + 0.5) * from / side - 0.5));
    const low = Math.min(from - 2, Math.floor(at));
    return { low, share: at - low };
  });
  const out = new Float64Array(side * side);
  places.forEach(({ low: row, share: t }, y) => {
    places.forEach(({ low: column, share: s }, x) => {
      const at = row * from + column;
      const top = drawn[at] + s * (drawn[at + 1] - drawn[at]);
      const bottom = drawn[at + from] + s * (drawn[at + from + 1] - drawn[at + from]);
      out[y * side + x] = top + t * (bottom - top);
    });
  });
  return out;
}
