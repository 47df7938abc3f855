/** Measures and tabulates steps of training. @module */
import type { Contender, Size } from "./contenders.ts";
import { type Comparison, interleave, type InterleaveOptions, median } from "./interleave.ts";
import { foreignLine, heading, table } from "./report.ts";
import { PROBE_TOLERANCE } from "./training_case.ts";
import {
  MEMORY_CASE,
  memoryContenders,
  STEP_BATCHES,
  trainingContenders,
} from "./training_contenders.ts";

/** Options of {@linkcode trainingSection}. */
export interface TrainingOptions extends InterleaveOptions {
  /** Sides of the pictures; those without a case are passed over. */
  readonly sizes: readonly Size[];
  /** Numbers of threads. */
  readonly threads: readonly number[];
  /** Whether a contender takes part. */
  readonly wanted: (contender: Contender) => boolean;
}

/** One contender at one size. */
interface Row {
  readonly contender: Contender;
  readonly size: Size;
  readonly msPerPicture: number;
  readonly batch: number;
  /** MiB of a process that did nothing else. */
  readonly peak: number;
  /** Share of the machine that others used in the middle one of its visits. */
  readonly foreign: number;
}

/**
 * From this share on a time is marked: a thread that waits for one without a core makes two threads of PyTorch up to
 * twenty times slower.
 */
const DISTURBED = 0.05;

/** The most rounds for steps of many seconds, which are there for their memory. */
const MEMORY_ROUNDS = 2;

/** Measures, and writes the section for RESULTS.md. */
export async function trainingSection(options: TrainingOptions): Promise<string> {
  const timing = { ...options, probeTolerance: PROBE_TOLERANCE };
  const contenders = options.threads.flatMap(trainingContenders).filter(options.wanted);
  const sizes = options.sizes.filter((size) => STEP_BATCHES[size] !== undefined);
  const comparisons: Comparison[] = [];
  const rows: Row[] = [];
  const measure = async (peers: readonly Contender[], size: Size, rounds: number) => {
    const running = peers.filter(({ batches }) => batches[size] !== undefined);
    // New processes for every size: so that a peak is that of its size.
    const comparison = await interleave(running, [size], { ...timing, rounds });
    comparisons.push(comparison);
    return comparison.measurements.map(({ contender, batch, perImage, foreign }, place): Row => ({
      contender,
      size,
      msPerPicture: median(perImage),
      batch,
      peak: comparison.peaks[place],
      foreign: median(foreign),
    }));
  };
  for (const size of sizes) rows.push(...await measure(contenders, size, options.rounds));
  const most = Math.max(...options.threads);
  const memory = sizes.includes(MEMORY_CASE.size)
    ? await measure(
      memoryContenders(most).filter(options.wanted),
      MEMORY_CASE.size,
      Math.min(options.rounds, MEMORY_ROUNDS),
    )
    : [];
  const measurements = comparisons.flatMap((one) => one.measurements);
  const versions = comparisons.flatMap((one) => one.versions);
  const head = [
    await heading("Training: one step of EfficientNet-B0 with ten classes", versions),
    foreignLine({ measurements, versions, peaks: [] }),
    "- forward in train mode (statistics of the batch, running averages, dropout and stochastic depth 0.2), " +
    `cross-entropy, backward, Adam; median of ${options.rounds} rounds, all contenders in turn in each; in ` +
    "brackets: times as long as graft (above 1, graft is faster); peak MiB: of a process that did only this size; " +
    "bN: a single step of N pictures, its time scaled to the column's batch" +
    (rows.concat(memory).some(isDisturbed)
      ? `; †: others used more than ${100 * DISTURBED} % of the machine, do not count on it`
      : ""),
  ];
  const parts = options.threads.map((threads) => stepTable(rows, threads, sizes));
  const gain = speedUps(rows, sizes);
  if (gain !== "") parts.push(gain);
  if (memory.length > 0) parts.push(memoryTable(memory, most));
  return [head.join("\n"), ...parts].join("\n\n");
}

function stepTable(rows: readonly Row[], threads: number, sizes: readonly Size[]): string {
  const peers = rows.filter(({ contender }) => contender.threads === threads);
  const find = (contender: Contender, size: Size) =>
    peers.find((row) => row.contender === contender && row.size === size);
  const us = peers.find(({ contender }) => contender.ours)?.contender;
  const body = [...new Set(peers.map(({ contender }) => contender))].map((contender) => {
    const cells = sizes.map((size) => {
      const row = find(contender, size);
      if (row === undefined) return "–";
      const ours = us && find(us, size);
      const ratio = ours && !contender.ours
        ? ` (${(row.msPerPicture / ours.msPerPicture).toFixed(2)})`
        : "";
      const scaled = contender.once ? ` · b${row.batch}` : "";
      return `${time(row, STEP_BATCHES[size]!)}${ratio}${scaled}`;
    });
    const peaks = sizes.map((size) => find(contender, size)?.peak.toFixed(0) ?? "–");
    return [contender.name, ...cells, peaks.join(" / ")];
  });
  const head = [
    "one step, ms",
    ...sizes.map((size) => `${size} px, batch ${STEP_BATCHES[size]}`),
    `peak MiB at ${sizes.join(" / ")} px`,
  ];
  return `**${threads} thread${threads === 1 ? "" : "s"}**\n\n${table(head, body)}`;
}

function memoryTable(rows: readonly Row[], threads: number): string {
  const { size, batch } = MEMORY_CASE;
  const head = [`batch ${batch} at ${size} px, ${threads} threads`, "one step, ms", "peak MiB"];
  return table(
    head,
    rows.map((row) => [row.contender.name, time(row, batch), row.peak.toFixed(0)]),
  );
}

function speedUps(rows: readonly Row[], sizes: readonly Size[]): string {
  const ours = rows.filter(({ contender }) => contender.ours);
  const counts = ours.map(({ contender }) => contender.threads);
  const [fewest, most] = [Math.min(...counts), Math.max(...counts)];
  if (!(fewest < most)) return "";
  const ms = (threads: number, size: Size) =>
    ours.find((row) => row.contender.threads === threads && row.size === size)!.msPerPicture;
  const cells = sizes.map((size) =>
    `${(ms(fewest, size) / ms(most, size)).toFixed(2)}x at ${size} px`
  );
  return `graft, ${most} threads over ${fewest}: ${cells.join(", ")}.`;
}

/** Milliseconds of a step of so many pictures, marked if it was disturbed. */
function time(row: Row, batch: number): string {
  const ms = row.msPerPicture * batch;
  return `${ms < 1000 ? ms.toPrecision(3) : ms.toFixed(0)}${isDisturbed(row) ? "†" : ""}`;
}

function isDisturbed({ foreign }: Row): boolean {
  return foreign > DISTURBED;
}
