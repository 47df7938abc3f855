/**
 * Measures several processes in turn, round after round, so that whatever the machine does meanwhile
 * (clock, neighbours) falls on all of them alike. @module
 */
import { Child } from "./child.ts";
import type { Contender, Size } from "./contenders.ts";
import { leastDisturbed, peakMemory, waitForQuiet } from "./machine.ts";

/** What became of one contender at one size. */
export interface Measurement {
  /** Who. */
  readonly contender: Contender;
  /** Side of the pictures. */
  readonly size: Size;
  /** Pictures at once. */
  readonly batch: number;
  /** Milliseconds per picture, which is seconds per 1,000 pictures: one number per round. */
  readonly perImage: readonly number[];
  /** Share of the machine that others used, one number per round. */
  readonly foreign: readonly number[];
}

/** A whole comparison. */
export interface Comparison {
  /** One for each contender and size it runs at. */
  readonly measurements: readonly Measurement[];
  /** Versions, by the contender's place in the list. */
  readonly versions: readonly string[];
  /** Peak resident size in MiB after all sizes, by the contender's place. */
  readonly peaks: readonly number[];
}

/** Options of {@linkcode interleave}. */
export interface InterleaveOptions {
  /** Times that everybody is measured. */
  readonly rounds: number;
  /** Shortest time of one visit; as many repetitions as that takes. */
  readonly visitMs: number;
  /** Called with lines for whoever waits. */
  readonly log: (line: string) => void;
  /**
   * Largest difference between the contenders' probes, relative to their largest number. The features' float32
   * rounding differs by 1e-6; a wrong network by far more.
   *
   * @default 1e-4
   */
  readonly probeTolerance?: number;
}

/** Runs all contenders over `sizes`; their processes live through the whole of it. */
export async function interleave(
  contenders: readonly Contender[],
  sizes: readonly Size[],
  options: InterleaveOptions,
): Promise<Comparison> {
  await using stack = new AsyncDisposableStack();
  const children: Child[] = [];
  for (const contender of contenders) {
    children.push(stack.use(await Child.start(contender.command)));
    options.log(`ready: ${label(contender)}: ${children.at(-1)!.versions}`);
  }
  const measurements: Measurement[] = [];
  for (const size of sizes) {
    const visits = contenders.flatMap((contender, place) => {
      const batch = contender.batches[size];
      return batch === undefined ? [] : [{
        contender,
        size,
        batch,
        child: children[place],
        reps: 1,
        perImage: [] as number[],
        foreign: [] as number[],
      }];
    });
    let expected: readonly number[] | undefined;
    for (const visit of visits) {
      if (visit.contender.once) continue;
      // Kernels of wasm stay in the slow tier for dozens of calls, and first calls allocate.
      await visit.child.run(size, visit.batch, 1);
      const { ms } = await visit.child.run(size, visit.batch, 2);
      visit.reps = Math.min(200, Math.max(1, Math.ceil(options.visitMs / Math.min(...ms))));
      await visit.child.run(size, visit.batch, visit.reps);
    }
    for (let round = 0; round < options.rounds; round++) {
      for (const visit of visits) {
        const { contender, child, batch, reps } = visit;
        if (contender.once && round > 0) continue;
        await waitForQuiet();
        const { result, foreign } = await leastDisturbed(
          [child.pid],
          () => child.run(size, batch, reps),
        );
        expected ??= result.probe;
        checkProbe(result.probe, expected, `${label(contender)} at ${size} px`, options);
        visit.perImage.push(median(result.ms) / batch);
        visit.foreign.push(foreign);
      }
      options.log(`${size} px, round ${round + 1} of ${options.rounds}`);
    }
    for (const { contender, batch, perImage, foreign } of visits) {
      measurements.push({ contender, size, batch, perImage, foreign });
      const seconds = median(perImage).toFixed(3);
      options.log(`${size} px  ${label(contender)}: ${seconds} s per 1,000 (batch ${batch})`);
    }
  }
  const peaks = await Promise.all(children.map((child) => peakMemory(child.pid)));
  return { measurements, versions: children.map((child) => child.versions), peaks };
}

/** Middle value; the mean of the two middle ones of an even number. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Name and threads. */
export function label(contender: Contender): string {
  return `${contender.name}, ${contender.threads} thread${contender.threads === 1 ? "" : "s"}`;
}

function checkProbe(
  probe: readonly number[],
  expected: readonly number[],
  who: string,
  { probeTolerance = 1e-4 }: InterleaveOptions,
): void {
  const size = Math.max(...expected.map(Math.abs));
  const error = Math.max(...expected.map((value, i) => Math.abs(value - probe[i]))) / size;
  if (probe.length === expected.length && error <= probeTolerance) return;
  throw new Error(`Cannot compare: ${who} computes something else, relative difference ${error}`);
}
