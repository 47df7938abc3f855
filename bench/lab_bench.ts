/** The whole lab, graft's beside the lab's own script. @module */
import { type LabContender, labContenders, type LabRun, runWhole } from "./lab_process.ts";
import { waitForQuiet } from "./machine.ts";
import { heading, table } from "./report.ts";

/** Epochs of each phase as the lab is written. */
export const LAB_EPOCHS = 100;

/** With fewer, starting and scoring outweigh what is extrapolated. */
const FEWEST_EPOCHS = 5;

/** Options of {@linkcode labSection}. */
export interface LabBenchOptions {
  /** Epochs of each phase; with fewer than {@linkcode LAB_EPOCHS} the time of all is extrapolated. */
  readonly epochs: number;
  /** Numbers of threads. */
  readonly threads: readonly number[];
  /** Whether a contender takes part. */
  readonly wanted: (contender: LabContender) => boolean;
  /** Called with lines for whoever waits. */
  readonly log: (line: string) => void;
}

/** A contender, its run, and how long {@linkcode LAB_EPOCHS} take. */
interface Row {
  readonly contender: LabContender;
  readonly run: LabRun;
  readonly seconds: number;
}

/** Runs everybody, one after the other, and writes the section for RESULTS.md. */
export async function labSection(options: LabBenchOptions): Promise<string> {
  const { epochs, threads, wanted, log } = options;
  if (!(Number.isInteger(epochs) && epochs >= FEWEST_EPOCHS && epochs <= LAB_EPOCHS)) {
    throw new Error(
      `Cannot run ${epochs} epochs: expected a whole number from ${FEWEST_EPOCHS} to ${LAB_EPOCHS}`,
    );
  }
  const rows: Row[] = [];
  const foreign: number[] = [];
  for (const contender of (await labContenders(threads)).filter(wanted)) {
    await waitForQuiet();
    const run = await runWhole(contender, epochs);
    const one = epochs === LAB_EPOCHS ? undefined : await runWhole(contender, 1);
    const seconds = one ? extrapolate(one.seconds, run.seconds, epochs) : run.seconds;
    rows.push({ contender, run, seconds });
    foreign.push(run.foreign, one?.foreign ?? 0);
    log(`${who(contender)}: ${run.seconds.toFixed(1)} s for ${epochs} epochs of each phase`);
  }
  return [
    await heading("The whole lab", rows.map(({ run }) => run.versions)),
    `- from the start of the process to its end, one run each, one after the other; others used at most ${
      (100 * Math.max(...foreign)).toFixed(0)
    } % of the machine meanwhile`,
    `- ${extent(epochs)}`,
    "- graft also scores in eval mode after each phase and trains its own default at the end: that is in its time",
    "",
    labTable(rows, epochs),
    ...asTheyCome(rows),
  ].join("\n");
}

/** Both without a word about threads: graft takes as many as there are cores. */
function asTheyCome(rows: readonly Row[]): string[] {
  const us = rows.find(({ contender: { ours, threads } }) =>
    ours && threads === navigator.hardwareConcurrency
  );
  const script = rows.find(({ contender }) => contender.byDefault);
  if (!us || !script) return [];
  const times = (script.seconds / us.seconds).toFixed(2);
  return [
    "",
    `With the threads that each takes by itself (graft ${us.contender.threads}, PyTorch ${script.contender.threads}) ` +
    `the script takes ${times} times as long as graft.`,
  ];
}

/** What the seconds are of. */
function extent(epochs: number): string {
  const whole =
    `${LAB_EPOCHS} frozen epochs with the validation cost, ${LAB_EPOCHS} of fine-tuning, and the accuracies`;
  if (epochs === LAB_EPOCHS) return whole;
  return `EXTRAPOLATED from ${epochs} epochs of each phase and from 1 (the difference is that of ${
    epochs - 1
  }): ${whole}; costs and accuracies are those of ${epochs} epochs`;
}

/** Start and evaluations cost the same however many epochs lie between. */
function extrapolate(one: number, some: number, epochs: number): number {
  if (!(some > one)) {
    throw new Error(
      `Cannot extrapolate: ${epochs} epochs took ${some.toFixed(1)} s and 1 took ${
        one.toFixed(1)
      } s; run it on a quiet machine, with more epochs`,
    );
  }
  return one + (LAB_EPOCHS - 1) * (some - one) / (epochs - 1);
}

function labTable(rows: readonly Row[], epochs: number): string {
  const shown = [10, 50, LAB_EPOCHS].filter((epoch) => epoch < epochs).concat(epochs);
  const head = [
    "",
    "seconds",
    "times as long as graft",
    "frozen, train / test",
    "fine-tuned, train / test",
    `frozen cost at epoch ${shown.join(" / ")}`,
    "peak MiB",
  ];
  const body = rows.map(({ contender, run, seconds }) => {
    const us = rows.find((row) =>
      row.contender.ours && row.contender.threads === contender.threads
    );
    return [
      who(contender),
      epochs === LAB_EPOCHS ? seconds.toFixed(0) : `≈ ${seconds.toFixed(0)} (extrapolated)`,
      us && !contender.ours ? (seconds / us.seconds).toFixed(2) : "–",
      shares(run.frozen),
      shares(run.fineTuned),
      shown.map((epoch) => run.frozen.costs[epoch - 1].toFixed(2)).join(" / "),
      run.peak.toFixed(0),
    ];
  });
  return table(head, body);
}

function who({ name, threads }: LabContender): string {
  return `${name}, ${threads} thread${threads === 1 ? "" : "s"}`;
}

function shares({ train, test }: LabRun["frozen"]): string {
  return `${train.toFixed(3)} / ${test.toFixed(3)}`;
}
