/** Multinomial logistic regression as a function to be minimised. @module */
import { type BatchVector, createVector, gatherRows } from "./batch_vector.ts";
import type { Design } from "./design_matrix.ts";
import type { BatchObjective } from "./lbfgs.ts";
import type { RegressionOptions, TrainingRows } from "./regression_options.ts";

/** Rows whose softmax is computed together. */
const BLOCK = 16;

/**
 * The objective of several problems over one design matrix, each on its own rows:
 *
 * `mean over rows of -log softmax(W x + b)[label] + (penalty / 2) * |W|²`, the bias unpenalised, the mean weighted by
 * the rows' classes, with `penalty = 1 / (strength * mass)`, where the mass is the sum of the rows' weights, without
 * weights their number: scikit-learn's `LogisticRegression(C=strength, class_weight=…)` divided by `C * mass`.
 *
 * Points are laid out `[problems, classes, size + 1]`, the bias last.
 */
export class SoftmaxRegression implements BatchObjective {
  readonly problems: number;
  readonly length: number;
  readonly metric: boolean;
  readonly point: BatchVector;
  readonly #design: Design;
  readonly #labels: ArrayLike<number>;
  readonly #parts: readonly TrainingRows[];
  readonly #classes: number;
  readonly #width: number;
  readonly #weights: Float64Array;
  /** Sum of the weights of each problem's rows. */
  readonly #masses: Float64Array;
  #strength = 1;
  /** Logits of all rows at the points and along the direction, `[problems * classes, rows]`. */
  readonly #scores: Float64Array;
  readonly #slopes: Float64Array;
  /** (softmax - one-hot) * weight / mass at the step that was looked at last; 0 in rows that are not learnt from. */
  readonly #residuals: Float64Array;
  readonly #values: Float64Array;
  /** |w|², w · d and |d|² of each problem. */
  readonly #squares: Float64Array;
  readonly #cross: Float64Array;
  readonly #directionSquares: Float64Array;
  /** The step at which each problem was looked at last, from its current point, and the loss there. */
  readonly #lookedAt: Float64Array;
  readonly #losses: Float64Array;
  #direction?: BatchVector;

  /** Starts at weights 0. */
  constructor(
    design: Design,
    { labels, classes, parts, classWeights }: RegressionOptions,
  ) {
    this.#design = design;
    this.#labels = labels;
    this.#classes = classes;
    this.#parts = parts;
    this.#width = design.size + 1;
    this.#weights = Float64Array.from({ length: classes }, (_, k) => classWeights?.[k] ?? 1);
    this.#masses = Float64Array.from(
      parts,
      ({ rows }) => rows.reduce((sum, row) => sum + this.#weights[labels[row]], 0),
    );
    this.problems = parts.length;
    this.length = classes * this.#width;
    this.metric = design.gram;
    this.point = createVector(this.problems * this.length, this.metric);
    const scores = parts.length * classes * design.rows;
    this.#scores = new Float64Array(scores);
    this.#slopes = new Float64Array(scores);
    this.#residuals = new Float64Array(scores);
    this.#values = new Float64Array(parts.length);
    this.#squares = new Float64Array(parts.length);
    this.#cross = new Float64Array(parts.length);
    this.#directionSquares = new Float64Array(parts.length);
    this.#lookedAt = new Float64Array(parts.length);
    this.#losses = new Float64Array(parts.length);
    this.#refresh();
  }

  /** Changes the strength (scikit-learn's `C`) of all problems; they stay where they are. */
  setStrength(strength: number): void {
    this.#strength = strength;
    for (const problem of this.#values.keys()) this.#settle(problem); // the loss stays what it is
  }

  /** Puts all problems at these points, `[problems, classes, size + 1]`. */
  startAt(points: Float64Array): void {
    const { coords, image } = this.point;
    const { size, rows } = this.#design;
    const count = this.problems * this.#classes;
    const products = this.#design.forward(this.#weightsOf([...this.#values.keys()], points), count);
    coords.set(points);
    for (let k = 0; k < count; k++) {
      const last = k * this.#width + size;
      if (this.metric) {
        image.set(products.subarray(k * size, (k + 1) * size), last - size);
        image[last] = coords[last];
      }
      for (let at = k * rows; at < (k + 1) * rows; at++) {
        this.#scores[at] = products[at] + coords[last];
      }
    }
    this.#refresh();
  }

  /** Logits of a problem, `[classes, rows]`, for all rows of the design: also those it does not learn from. */
  scores(problem: number): Float64Array {
    const size = this.#classes * this.#design.rows;
    return this.#scores.subarray(problem * size, (problem + 1) * size);
  }

  /** Weights over columns, `[classes, columns]`, and bias of a problem. */
  solution(problem: number): { readonly weight: Float32Array; readonly bias: Float32Array } {
    const bias = Float32Array.from(
      { length: this.#classes },
      (_, k) => this.point.coords[problem * this.length + k * this.#width + this.#design.size],
    );
    const weights = this.#weightsOf([problem], this.point.coords);
    return { weight: this.#design.expand(weights, this.#classes), bias };
  }

  value(problem: number): number {
    return this.#values[problem];
  }

  gap(squaredGradient: number): number {
    // A function with curvature >= m is within |g|² / 2m of its minimum; all but the biases have m = penalty.
    return squaredGradient * this.#strength * Math.max(...this.#masses) / 2;
  }

  gradient(problems: readonly number[], out: BatchVector): void {
    if (problems.length === 0) return;
    const { size, rows } = this.#design;
    const count = problems.length * this.#classes;
    const residuals = gatherRows(problems, this.#residuals, { rows: this.#classes, width: rows });
    const products = this.#design.backward(residuals, count);
    for (let i = 0; i < problems.length; i++) {
      const problem = problems[i];
      const penalty = this.#penalty(problem);
      for (let k = 0; k < this.#classes; k++) {
        const to = problem * this.length + k * this.#width;
        const from = (i * this.#classes + k) * size;
        const { coords, image } = this.point;
        for (let j = 0; j < size; j++) {
          out.image[to + j] = products[from + j] + penalty * image[to + j];
        }
        const residual = (problem * this.#classes + k) * rows;
        if (this.metric) {
          for (let j = 0; j < size; j++) {
            out.coords[to + j] = this.#residuals[residual + j] + penalty * coords[to + j];
          }
        }
        let sum = 0;
        for (let row = 0; row < rows; row++) sum += this.#residuals[residual + row];
        out.coords[to + size] = out.image[to + size] = sum;
      }
    }
  }

  aim(problems: readonly number[], direction: BatchVector): Float64Array {
    const { size, rows } = this.#design;
    const count = problems.length * this.#classes;
    this.#direction = direction;
    const products = this.metric
      ? undefined
      : this.#design.forward(this.#weightsOf(problems, direction.coords), count);
    return Float64Array.from(problems, (problem, i) => {
      const cross = this.#cross, squares = this.#directionSquares;
      cross[problem] = squares[problem] = 0;
      let slope = 0;
      for (let k = 0; k < this.#classes; k++) {
        const at = problem * this.length + k * this.#width;
        const bias = direction.coords[at + size];
        const to = (problem * this.#classes + k) * rows;
        const from = products ? (i * this.#classes + k) * rows : at;
        const source = products ?? direction.image;
        for (let row = 0; row < rows; row++) {
          const along = source[from + row] + bias;
          this.#slopes[to + row] = along;
          slope += this.#residuals[to + row] * along;
        }
        for (let j = 0; j < size; j++) {
          cross[problem] += this.point.coords[at + j] * direction.image[at + j];
          squares[problem] += direction.coords[at + j] * direction.image[at + j];
        }
      }
      return slope + this.#penalty(problem) * cross[problem];
    });
  }

  probe(problem: number, step: number): { readonly value: number; readonly slope: number } {
    const penalty = this.#penalty(problem);
    const cross = this.#cross[problem], along = this.#directionSquares[problem];
    const { loss, slope } = this.#softmax(problem, step);
    const square = this.#squares[problem] + step * (2 * cross + step * along);
    return { value: loss + penalty / 2 * square, slope: slope + penalty * (cross + step * along) };
  }

  move(problem: number, step: number): void {
    const { rows } = this.#design;
    const { coords, image } = this.point, direction = this.#direction!;
    const start = problem * this.length;
    for (let i = start; i < start + this.length; i++) coords[i] += step * direction.coords[i];
    if (this.metric) {
      for (let i = start; i < start + this.length; i++) image[i] += step * direction.image[i];
    }
    const first = problem * this.#classes * rows, end = first + this.#classes * rows;
    // The line search has mostly looked at the step that it chose last: loss and residuals there are at hand.
    if (this.#lookedAt[problem] !== step) this.#softmax(problem, step);
    for (let i = first; i < end; i++) this.#scores[i] += step * this.#slopes[i];
    this.#settle(problem);
  }

  /** Loss over a problem's rows at a step and its slope there; leaves the residuals of that step behind. */
  #softmax(problem: number, step: number): { loss: number; slope: number } {
    const classes = this.#classes, stride = this.#design.rows;
    const { rows } = this.#parts[problem];
    const mass = this.#masses[problem];
    const first = problem * classes * stride;
    const scores = this.#scores, slopes = this.#slopes, residuals = this.#residuals;
    const largest = new Float64Array(BLOCK), sums = new Float64Array(BLOCK);
    let loss = 0, slope = 0;
    // A class's logits lie side by side: several rows at a time, or each number is fetched from a line of its own.
    for (let from = 0; from < rows.length; from += BLOCK) {
      const count = Math.min(BLOCK, rows.length - from);
      largest.fill(-Infinity);
      sums.fill(0);
      for (let k = 0, base = first; k < classes; k++, base += stride) {
        for (let j = 0; j < count; j++) {
          const at = base + rows[from + j];
          const score = residuals[at] = scores[at] + step * slopes[at];
          if (score > largest[j]) largest[j] = score;
        }
      }
      for (let j = 0; j < count; j++) {
        const row = rows[from + j], label = this.#labels[row];
        loss += this.#weights[label] * (largest[j] - residuals[first + label * stride + row]);
      }
      for (let k = 0, base = first; k < classes; k++, base += stride) {
        for (let j = 0; j < count; j++) {
          const at = base + rows[from + j];
          sums[j] += residuals[at] = Math.exp(residuals[at] - largest[j]);
        }
      }
      for (let j = 0; j < count; j++) {
        const weight = this.#weights[this.#labels[rows[from + j]]];
        loss += weight * Math.log(sums[j]);
        sums[j] = weight / (sums[j] * mass);
      }
      for (let k = 0, base = first; k < classes; k++, base += stride) {
        for (let j = 0; j < count; j++) {
          const at = base + rows[from + j];
          residuals[at] *= sums[j];
          slope += residuals[at] * slopes[at];
        }
      }
      for (let j = 0; j < count; j++) {
        const label = this.#labels[rows[from + j]],
          chosen = first + label * stride + rows[from + j];
        const share = this.#weights[label] / mass;
        residuals[chosen] -= share;
        slope -= share * slopes[chosen];
      }
    }
    this.#lookedAt[problem] = step;
    loss = this.#losses[problem] = loss / mass;
    return { loss, slope };
  }

  /** Recomputes what depends on a problem's point and on the loss there. */
  #settle(problem: number): void {
    let square = 0;
    const { coords, image } = this.point;
    for (let k = 0; k < this.#classes; k++) {
      const at = problem * this.length + k * this.#width;
      for (let j = 0; j < this.#design.size; j++) square += coords[at + j] * image[at + j];
    }
    this.#squares[problem] = square;
    this.#lookedAt[problem] = 0;
    this.#values[problem] = this.#losses[problem] + this.#penalty(problem) / 2 * square;
  }

  #refresh(): void {
    for (const problem of this.#values.keys()) {
      this.#softmax(problem, 0);
      this.#settle(problem);
    }
  }

  #penalty(problem: number): number {
    return 1 / (this.#strength * this.#masses[problem]);
  }

  /** Weights of some problems, without the biases, `[problems, classes, size]`. */
  #weightsOf(problems: readonly number[], points: Float64Array): Float32Array {
    const { size } = this.#design;
    return gatherRows(problems, points, { rows: this.#classes, width: size, stride: this.#width });
  }
}
