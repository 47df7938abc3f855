/** The plane in which points differ most. @module */

import { RandomState } from "../core/random.ts";

/** Points on their principal plane. */
export interface PrincipalPlane {
  /** Scores along the first principal axis, one a point. */
  readonly x: Float64Array;
  /** Along the second. */
  readonly y: Float64Array;
  /** Share of the variance that the plane shows, 0 to 1; 1 where there is none. */
  readonly explained: number;
}

/** Directions that are followed: two more than are wanted make the two converge faster. */
const BLOCK = 4;
const MAX_ITERATIONS = 100;
/** The variance in the plane then has settled to this share of it: far finer than a picture shows. */
const SETTLED = 1e-7;

/**
 * The first two principal components of points of which only the inner products are known: the leading eigenvectors of the
 * centred Gram matrix, times the square roots of their eigenvalues, by subspace iteration; as scikit-learn's
 * `PCA(2).fit_transform`, but for signs: the largest score of each axis is positive here.
 *
 * @param gram Inner products of all points, `[points, points]`; need not be centred.
 */
export function principalPlane(gram: ArrayLike<number>, points: number): PrincipalPlane {
  const centred = centre(gram, points);
  const trace = centred.reduce((sum, value, i) => i % (points + 1) === 0 ? sum + value : sum, 0);
  const count = Math.min(BLOCK, points);
  const random = new RandomState(0); // any start will do that is not at a right angle to the plane
  let basis: Float64Array[] = Array.from(
    { length: count },
    () => Float64Array.from({ length: points }, () => random.standardNormal()),
  );
  orthonormalise(basis);
  let settled = 0;
  for (let i = 0; i < MAX_ITERATIONS; i++) {
    basis = basis.map((vector) => times(centred, vector));
    const variances = orthonormalise(basis);
    const inPlane = variances[0] + (variances[1] ?? 0);
    if (Math.abs(inPlane - settled) <= SETTLED * inPlane) break;
    settled = inPlane;
  }
  const { values, vectors } = rotate(centred, basis);
  const axis = (k: number): Float64Array => {
    const vector = vectors[k];
    if (vector === undefined || !(values[k] > 0)) return new Float64Array(points);
    const largest = vector.reduce((most, value) => Math.abs(value) > Math.abs(most) ? value : most);
    const factor = Math.sign(largest) * Math.sqrt(values[k]);
    return vector.map((value) => value * factor);
  };
  const inPlane = Math.max(0, values[0] ?? 0) + Math.max(0, values[1] ?? 0);
  return { x: axis(0), y: axis(1), explained: trace > 0 ? Math.min(1, inPlane / trace) : 1 };
}

/** Gram matrix of the points less their mean. */
function centre(gram: ArrayLike<number>, points: number): Float64Array {
  const means = new Float64Array(points);
  for (let i = 0; i < points * points; i++) means[Math.floor(i / points)] += gram[i] / points;
  const mean = means.reduce((sum, value) => sum + value, 0) / points;
  const centred = new Float64Array(points * points);
  for (let i = 0, at = 0; i < points; i++) {
    for (let j = 0; j < points; j++, at++) centred[at] = gram[at] - means[i] - means[j] + mean;
  }
  return centred;
}

function times(matrix: Float64Array, vector: Float64Array): Float64Array {
  const n = vector.length;
  const out = new Float64Array(n);
  for (let i = 0, at = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += matrix[at++] * vector[j];
    out[i] = sum;
  }
  return out;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** Gram-Schmidt in place, twice for the sake of rounding; returns the lengths that were left. */
function orthonormalise(basis: readonly Float64Array[]): number[] {
  return basis.map((vector, k) => {
    for (let pass = 0; pass < 2; pass++) {
      for (const earlier of basis.slice(0, k)) {
        const along = dot(earlier, vector);
        for (let i = 0; i < vector.length; i++) vector[i] -= along * earlier[i];
      }
    }
    const length = Math.sqrt(dot(vector, vector));
    for (let i = 0; i < vector.length; i++) vector[i] = length > 0 ? vector[i] / length : 0;
    return length;
  });
}

/** Eigenvectors within the span of an orthonormal basis, largest first: Jacobi's rotations of the small matrix that it sees. */
function rotate(
  matrix: Float64Array,
  basis: readonly Float64Array[],
): { readonly values: number[]; readonly vectors: Float64Array[] } {
  const vectors = basis.map((vector) => vector.slice());
  const images = vectors.map((vector) => times(matrix, vector));
  const turn = (rows: readonly Float64Array[], p: number, q: number, angle: number) => {
    const c = Math.cos(angle), s = Math.sin(angle);
    for (let i = 0; i < rows[p].length; i++) {
      const a = rows[p][i], b = rows[q][i];
      rows[p][i] = c * a + s * b;
      rows[q][i] = c * b - s * a;
    }
  };
  for (let sweep = 0; sweep < 10; sweep++) { // four vectors need three or four
    for (let p = 0; p < vectors.length; p++) {
      for (let q = p + 1; q < vectors.length; q++) {
        const between = dot(vectors[p], images[q]);
        const difference = dot(vectors[p], images[p]) - dot(vectors[q], images[q]);
        const angle = Math.atan2(2 * between, difference) / 2;
        turn(vectors, p, q, angle);
        turn(images, p, q, angle);
      }
    }
  }
  const pairs = vectors.map((vector, k) => ({ vector, value: dot(vector, images[k]) }))
    .sort((a, b) => b.value - a.value);
  return { values: pairs.map(({ value }) => value), vectors: pairs.map(({ vector }) => vector) };
}
