/** The answer that logits or probabilities give. @module */

/** Index of the largest of each row of `[n, classes]`; of equal ones the first. */
export function likeliest(scores: Float32Array, classes: number): Int32Array {
  return Int32Array.from({ length: scores.length / classes }, (_, row) => {
    let best = 0;
    for (let k = 1; k < classes; k++) {
      if (scores[row * classes + k] > scores[row * classes + best]) best = k;
    }
    return best;
  });
}
