/** Runs a whole lab as a process of its own, and reads its figures. @module */
import type { Command } from "./child.ts";
import { here, PYTHON } from "./contenders.ts";
import { cpuTicks, endedChildrenTicks, peakMemory } from "./machine.ts";

const SHARED = new URL("../../shared/", import.meta.url).pathname;
const DATA = `${SHARED}data/fashion_mnist_train.csv`;
const WEIGHTS = `${SHARED}weights/efficientnet_b0_google_tail_reconstructed.pth`;

/** Somebody who runs the lab. */
export interface LabContender {
  /** What the table calls it. */
  readonly name: string;
  /** Threads it computes on. */
  readonly threads: number;
  /** Whether it is what we measure. */
  readonly ours: boolean;
  /** Whether nobody told PyTorch how many threads to take. */
  readonly byDefault: boolean;
  /** How to start it. */
  readonly command: (epochs: number) => Command;
  /** Reads what it printed. */
  readonly figures: (printed: string) => LabFigures;
}

/** What a phase came to. */
export interface PhaseFigures {
  /** Summed over the batches, one per epoch. */
  readonly costs: readonly number[];
  /** Share of the training pictures, measured in train mode as in the lab. */
  readonly train: number;
  /** Share of the test pictures. */
  readonly test: number;
}

/** What a lab came to. */
export interface LabFigures {
  /** Of the libraries. */
  readonly versions: string;
  /** Only the new layer learnt. */
  readonly frozen: PhaseFigures;
  /** Everything did. */
  readonly fineTuned: PhaseFigures;
}

/** A finished run. */
export interface LabRun extends LabFigures {
  /** From the start of the process to its end. */
  readonly seconds: number;
  /** Largest resident size in MiB. */
  readonly peak: number;
  /** Share of the machine that others used, 0 to 1. */
  readonly foreign: number;
}

/** graft and the lab's script on each number of threads, and the script on as many as PyTorch takes by itself. */
export async function labContenders(threads: readonly number[]): Promise<LabContender[]> {
  const own = await defaultThreads();
  const script = (name: string, count: number, flags: readonly string[]): LabContender => ({
    name,
    threads: count,
    ours: false,
    byDefault: flags.length === 0,
    command: (epochs) => ({
      program: PYTHON,
      args: [here("lab.py"), DATA, WEIGHTS, "--epochs", `${epochs}`, ...flags],
    }),
    figures: (printed) => JSON.parse(printed) as LabFigures,
  });
  return [
    ...threads.map(graft),
    script("the lab's script, threads by PyTorch's default", own, []),
    ...threads.filter((count) => count !== own)
      .map((count) => script("the lab's script", count, ["--threads", `${count}`])),
  ];
}

/** Runs a lab from start to end. */
export async function runWhole(contender: LabContender, epochs: number): Promise<LabRun> {
  const { program, args } = contender.command(epochs);
  const [cpu, children, start] = [await cpuTicks(), await endedChildrenTicks(), performance.now()];
  const process = new Deno.Command(program, {
    args: [...args],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let peak = 0;
  // The peak only grows: the last look before the end tells it.
  const look = setInterval(() => {
    peakMemory(process.pid).then((now) => peak = Math.max(peak, now), () => {}); // it has ended
  }, 100);
  const [printed, said, { success }] = await Promise.all([
    new Response(process.stdout).text(),
    new Response(process.stderr).text(),
    process.status,
  ]).finally(() => clearInterval(look));
  if (!success) {
    const last = said.trim().split("\n").slice(-5).join("\n");
    throw new Error(`Cannot compare: ${program} ${args.join(" ")} failed\n${last}`);
  }
  const seconds = (performance.now() - start) / 1000;
  const after = await cpuTicks();
  const others = after.busy - cpu.busy - (await endedChildrenTicks() - children);
  const foreign = Math.max(0, others) / (after.total - cpu.total);
  return { ...contender.figures(printed), seconds, peak, foreign };
}

function graft(threads: number): LabContender {
  return {
    name: "graft lab",
    threads,
    ours: true,
    byDefault: false,
    command: (epochs) => ({
      program: Deno.execPath(),
      args: ["run", "--quiet", "-A", here("../cli.ts"), "lab", DATA, "--weights", WEIGHTS]
        .concat("--variant", "torchvision", "--epochs", `${epochs}`, "--threads", `${threads}`)
        .concat("--json"),
    }),
    figures: (printed) => {
      const { lab, backend } = JSON.parse(printed);
      if (backend.threads !== threads) {
        throw new Error(`Cannot measure ${threads} threads: got ${JSON.stringify(backend)}`);
      }
      // deno-lint-ignore no-explicit-any -- it has just been parsed
      const phase = ({ costs, trainMode }: any): PhaseFigures => ({
        costs,
        train: trainMode.train.value,
        test: trainMode.test.value,
      });
      return {
        versions: `graft, Deno ${Deno.version.deno}`,
        frozen: phase(lab.frozen),
        fineTuned: phase(lab.fineTuned),
      };
    },
  };
}

/** Threads that PyTorch takes where nobody says how many. */
async function defaultThreads(): Promise<number> {
  const { stdout, success, stderr } = await new Deno.Command(PYTHON, {
    args: ["-c", "import torch; print(torch.get_num_threads())"],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return Number(new TextDecoder().decode(stdout));
}
