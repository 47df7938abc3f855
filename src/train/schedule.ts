/** How the learning rate goes over the steps of a run. @module */
import { listKnown, UserError } from "../core/errors.ts";

/** The learning rate of a step as a share of the run's own; steps count from 0. */
export type Schedule = (step: number) => number;

/** A warm-up before a schedule. */
export interface WarmupOptions {
  /** Share of all steps in which the rate rises in a straight line, 0 to 1. @default {0} */
  readonly warmup?: number;
  /** Where it rises from, as a share of the rate; above 0, since PyTorch allows no 0. @default {0.01} as torchvision's training script */
  readonly warmupFrom?: number;
}

/** The same rate throughout. */
export interface ConstantOptions extends WarmupOptions {
  /** Which schedule. */
  readonly kind: "constant";
}

/** Half a cosine from the rate to its end (Loshchilov and Hutter 2017, without restarts). */
export interface CosineOptions extends WarmupOptions {
  /** Which schedule. */
  readonly kind: "cosine";
  /** Where it ends, as a share of the rate. @default {0} */
  readonly end?: number;
}

/** Up to the rate and down far below, both by half a cosine (Smith and Topin 2018); the optimizer's momentum stays as it is. */
export interface OneCycleOptions {
  /** Which schedule. */
  readonly kind: "oneCycle";
  /** Share of the steps that it rises: `pct_start`. @default {0.3} */
  readonly warmup?: number;
  /** It starts at the rate divided by this: `div_factor`. @default {25} */
  readonly startDivisor?: number;
  /** It ends at the start divided by this: `final_div_factor`. @default {1e4} */
  readonly endDivisor?: number;
}

/** A schedule by name. */
export type ScheduleOptions = ConstantOptions | CosineOptions | OneCycleOptions;

/**
 * The schedule of a run of `steps` steps, equal to what `torch.optim.lr_scheduler` gives with one `step()` per batch: `LinearLR` for
 * the warm-up, then a constant or `CosineAnnealingLR` over the steps that are left, or `OneCycleLR`.
 *
 * @throws {UserError} For an unknown kind and for numbers out of range.
 *
 * @example
 * ```ts
 * import { makeSchedule } from "./schedule.ts";
 * const schedule = makeSchedule({ kind: "cosine" }, 4);
 * const factors = [0, 1, 2, 3].map((step) => schedule(step).toFixed(2));
 * if (factors.join() !== "1.00,0.85,0.50,0.15") throw new Error(factors.join());
 * ```
 */
export function makeSchedule(options: ScheduleOptions, steps: number): Schedule {
  switch (options.kind) {
    case "constant":
      return withWarmup(() => 1, options, steps);
    case "cosine": {
      const { end = 0 } = options;
      check("the schedule's end", end, 0, 1);
      return withWarmup(cosine(steps - warmupSteps(options, steps), end), options, steps);
    }
    case "oneCycle":
      return oneCycle(options, steps);
    default:
      throw new UserError(
        `Cannot make a schedule: its kind is ${
          JSON.stringify((options as { kind: unknown }).kind)
        }, expected ${listKnown(["constant", "cosine", "oneCycle"])}`,
      );
  }
}

/** `CosineAnnealingLR(T_max=steps, eta_min=end)`, in its closed form. */
function cosine(steps: number, end: number): Schedule {
  return (step) => between(1, end, step / Math.max(1, steps));
}

/** `SequentialLR([LinearLR(start_factor, total_iters=warm), main], milestones=[warm])`. */
function withWarmup(main: Schedule, options: WarmupOptions, steps: number): Schedule {
  const { warmupFrom = 0.01 } = options;
  const warm = warmupSteps(options, steps);
  if (!(warmupFrom > 0 && warmupFrom <= 1)) {
    throw new UserError(
      `Cannot make a schedule: warmupFrom is ${warmupFrom}, expected a number above 0, up to 1`,
    );
  }
  return (step) => step < warm ? warmupFrom + (1 - warmupFrom) * step / warm : main(step - warm);
}

function warmupSteps({ warmup = 0 }: WarmupOptions, steps: number): number {
  check("the schedule's warmup", warmup, 0, 1);
  return Math.round(warmup * steps);
}

/** `OneCycleLR(max_lr=1, total_steps=steps, pct_start=warmup)`. */
function oneCycle(options: OneCycleOptions, steps: number): Schedule {
  const { warmup = 0.3, startDivisor = 25, endDivisor = 1e4 } = options;
  check("the schedule's warmup", warmup, 0, 1);
  check("the schedule's startDivisor", startDivisor, 1, Infinity);
  check("the schedule's endDivisor", endDivisor, 1, Infinity);
  const start = 1 / startDivisor;
  const peak = warmup * steps - 1; // not rounded: PyTorch's own peak may lie between two steps
  const last = steps - 1;
  return (step) =>
    step <= peak
      ? between(start, 1, peak === 0 ? 1 : step / peak)
      : between(1, start / endDivisor, last === peak ? 1 : (step - peak) / (last - peak));
}

/** Half a cosine: `from` at share 0, `to` at share 1. */
function between(from: number, to: number, share: number): number {
  return to + (from - to) * (1 + Math.cos(Math.PI * share)) / 2;
}

function check(what: string, value: number, least: number, most: number): void {
  if (value >= least && value <= most && Number.isFinite(value)) return;
  throw new UserError(
    `Cannot make a schedule: ${what} is ${value}, expected a number from ${least}${
      most === Infinity ? "" : ` to ${most}`
    }`,
  );
}
