/** The answer that probabilities give. @module */

/** Index of the largest of each row of `[n, classes]`; of equal ones the first. */
export function likeliest(probabilities: Float32Array, classes: number): Int32Array {
  return Int32Array.from({ length: probabilities.length / classes }, (_, row) => {
    let best = 0;
    for (let k = 1; k < classes; k++) {
      if (probabilities[row * classes + k] > probabilities[row * classes + best]) best = k;
    }
    return best;
  });
}
