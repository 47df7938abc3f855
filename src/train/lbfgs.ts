/** L-BFGS for convex functions, over several problems at once. @module */
import { type BatchVector, createVector } from "./batch_vector.ts";
import { breathe } from "./breathe.ts";
import { searchLine } from "./line_search.ts";
import { StepMemory } from "./step_memory.ts";

/** What {@linkcode minimise} asks of the function; one expensive call serves all problems. */
export interface BatchObjective {
  /** Number of independent problems. */
  readonly problems: number;
  /** Numbers per problem. */
  readonly length: number;
  /** Whether the space has a metric other than the identity. */
  readonly metric: boolean;
  /** Current points; {@linkcode BatchObjective.move} changes them. */
  readonly point: BatchVector;
  /** Writes the gradients of the given problems at their current points. */
  gradient(problems: readonly number[], out: BatchVector): void;
  /** Prepares to walk along `direction`; returns the slope at the current point of each given problem. */
  aim(problems: readonly number[], direction: BatchVector): Float64Array;
  /** Value of a problem at its current point. */
  value(problem: number): number;
  /** Value and slope of a problem at current point + `step` * direction. */
  probe(problem: number, step: number): { readonly value: number; readonly slope: number };
  /** Makes current point + `step` * direction the current point of a problem. */
  move(problem: number, step: number): void;
  /** Bound on how far, in the function's own unit, a problem with this squared gradient norm is from its minimum. */
  gap(squaredGradient: number): number;
}

/** Options of {@linkcode minimise}. */
export interface MinimiseOptions {
  /** A problem is solved when its {@linkcode BatchObjective.gap} is at most this. */
  readonly tolerance: number;
  /** Most iterations. @default {500} */
  readonly maxIterations?: number;
  /** Pairs of steps and gradient changes that are remembered; 6 took up to 1.6 times, 20 no fewer than 0.9 times the iterations of 10 on real features. @default {10} */
  readonly memory?: number;
  /** Called with the number of iterations and the largest gap so far: every eight of them, or a few times a second where they take long. */
  readonly onIterations?: (iterations: number, gap: number) => void;
  /** Stops the work with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** How the problems ended. */
export interface MinimiseReport {
  /** Iterations of the slowest problem. */
  readonly iterations: number;
  /** Largest gap among the problems at the end. */
  readonly gap: number;
  /** Whether every problem reached the tolerance. */
  readonly converged: boolean;
}

/** Iterations between turns of the event loop: some ten milliseconds of work; where they take long, milliseconds. */
const BREATH = 8, BREATH_MS = 200;

/** Marks a problem that cannot be improved. */
const NEVER = -2;

/**
 * A problem ends unsolved after this many iterations that each lowered it by less than this share of the tolerance:
 * gradients in float32 may not be exact enough for the tolerance, and would keep it stepping on the spot.
 */
const IDLE_ITERATIONS = 10;
const IDLE_SHARE = 1e-3;

/**
 * Minimises all problems of `objective` from their current points by limited-memory BFGS (Nocedal and
 * Wright 2006, algorithm 7.4), each with its own curvature, step and end; what is expensive is asked for
 * once per iteration for all problems that are not solved yet.
 *
 * The function must be convex: the line search looks at slopes only. A problem that rounding keeps from getting
 * any better ends unsolved, and the report says so.
 */
export async function minimise(
  objective: BatchObjective,
  options: MinimiseOptions,
): Promise<MinimiseReport> {
  const { tolerance, maxIterations = 500, memory = 10, onIterations, signal } = options;
  const { problems, length } = objective;
  const vector = () => createVector(problems * length, objective.metric);
  const gradient = vector();
  const direction = vector();
  const before = vector();
  const steps = new StepMemory({ problems, length, metric: objective.metric, pairs: memory });
  const ages = new Int32Array(problems); // pairs a problem has seen since its memory was last cleared
  const gaps = new Float64Array(problems);
  const idle = new Int32Array(problems);
  let active = Array.from({ length: problems }, (_, problem) => problem);
  objective.gradient(active, gradient);
  const measure = () => {
    for (const p of active) gaps[p] = objective.gap(dot(gradient, gradient, p, length));
    active = active.filter((p) => gaps[p] > tolerance);
  };
  measure();
  let iterations = 0;
  let breathed = performance.now();
  while (active.length > 0 && iterations < maxIterations) {
    if (iterations % BREATH === BREATH - 1 || performance.now() - breathed > BREATH_MS) {
      onIterations?.(iterations, largest(gaps));
      await breathe(signal);
      breathed = performance.now();
    }
    for (const p of active) steps.direct(p, ages[p], gradient, direction);
    const slopes = objective.aim(active, direction);
    const moved: { problem: number; step: number }[] = [];
    for (let i = 0; i < active.length; i++) {
      const p = active[i];
      const value = objective.value(p);
      const step = slopes[i] < 0 ? searchLine((t) => objective.probe(p, t), slopes[i], value) : 0;
      objective.move(p, step); // also by 0: a search that failed has left the point behind
      if (step > 0) {
        idle[p] = value - objective.value(p) < IDLE_SHARE * tolerance ? idle[p] + 1 : 0;
        copy(before, gradient, p, length);
        moved.push({ problem: p, step });
      } else if (ages[p] > 0) {
        ages[p] = -1; // forget the curvature and try once more along the gradient itself
      } else {
        ages[p] = NEVER;
      }
    }
    objective.gradient(moved.map(({ problem }) => problem), gradient);
    steps.open();
    for (const { problem, step } of moved) {
      steps.remember(problem, step, { direction, before, after: gradient });
    }
    for (const p of active) if (ages[p] !== NEVER) ages[p]++;
    active = active.filter((p) => ages[p] !== NEVER && idle[p] < IDLE_ITERATIONS);
    measure();
    iterations++;
  }
  const gap = largest(gaps);
  return { iterations, gap, converged: gap <= tolerance };
}

function largest(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}

/** Inner product of one problem's vectors. */
function dot(a: BatchVector, b: BatchVector, problem: number, length: number): number {
  const left = a.coords, right = b.image;
  const end = (problem + 1) * length;
  let sum0 = 0, sum1 = 0, i = problem * length;
  for (; i + 1 < end; i += 2) {
    sum0 += left[i] * right[i];
    sum1 += left[i + 1] * right[i + 1];
  }
  return i < end ? sum0 + sum1 + left[i] * right[i] : sum0 + sum1;
}

/** Makes `out` what `a` is, for one problem. */
function copy(out: BatchVector, a: BatchVector, problem: number, length: number): void {
  const start = problem * length, end = start + length;
  out.coords.set(a.coords.subarray(start, end), start);
  if (out.image !== out.coords) out.image.set(a.image.subarray(start, end), start);
}
