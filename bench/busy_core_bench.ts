/**
 * graft with one and with two threads while a foreign process spins on one core: sharing work by a
 * chunk counter must keep two threads from being slower than one.
 *
 * The spinner is stopped and continued by signals, so that quiet and busy visits alternate.
 *
 * @module
 */
import { Child } from "./child.ts";
import { ours, type Size } from "./contenders.ts";
import { type InterleaveOptions, label, median } from "./interleave.ts";
import { leastDisturbed, processTicks, waitForQuiet } from "./machine.ts";
import type { Reply } from "./protocol.ts";
import { table } from "./report.ts";

/** Linux counts a process's time in hundredths of a second (USER_HZ). */
const TICKS_PER_SECOND = 100;

/** Milliseconds per picture, one number per round. */
export interface BusyRow {
  /** Side of the pictures. */
  readonly size: Size;
  /** Threads of graft. */
  readonly threads: number;
  /** Alone on the machine. */
  readonly quiet: readonly number[];
  /** Beside the spinning process. */
  readonly busy: readonly number[];
  /** What the spinning process got of a core meanwhile, 0 to 1: proof that it was there. */
  readonly spinnerShare: readonly number[];
}

/** What {@linkcode measureBusy} found. */
export interface BusyResult {
  /** One per size and number of threads. */
  readonly rows: readonly BusyRow[];
  /** Of our own processes. */
  readonly versions: readonly string[];
}

/** Measures one and two threads, quiet and busy in turn. */
export async function measureBusy(
  sizes: readonly Size[],
  options: InterleaveOptions,
): Promise<BusyResult> {
  await using stack = new AsyncDisposableStack();
  const spinner = new Deno.Command(Deno.execPath(), { args: ["eval", "for (;;);"] }).spawn();
  stack.defer(async () => {
    spinner.kill("SIGKILL"); // also ends a stopped process
    await spinner.status;
  });
  spinner.kill("SIGSTOP");
  const runners = [];
  for (const threads of [1, 2]) {
    const contender = ours(threads);
    runners.push({ contender, child: stack.use(await Child.start(contender.command)) });
  }
  const rows: BusyRow[] = [];
  for (const size of sizes) {
    const visits = [];
    for (const { contender, child } of runners) {
      const batch = contender.batches[size]!;
      await child.run(size, batch, 1);
      const { ms } = await child.run(size, batch, 2);
      const reps = Math.max(1, Math.ceil(options.visitMs / Math.min(...ms)));
      await child.run(size, batch, reps);
      const row = {
        size,
        threads: contender.threads,
        quiet: [] as number[],
        busy: [] as number[],
        spinnerShare: [] as number[],
      };
      visits.push({ contender, child, batch, reps, row });
      rows.push(row);
    }
    for (let round = 0; round < options.rounds; round++) {
      for (const { child, batch, reps, row } of visits) {
        await waitForQuiet();
        const run = () => child.run(size, batch, reps);
        const quiet = await leastDisturbed([child.pid], run);
        row.quiet.push(median(quiet.result.ms) / batch);
        const busy = await leastDisturbed(
          [child.pid, spinner.pid],
          () => besideSpinner(spinner, run),
        );
        row.busy.push(median(busy.result.reply.ms) / batch);
        row.spinnerShare.push(busy.result.share);
      }
    }
    for (const { contender, row } of visits) {
      const [quiet, busy] = [median(row.quiet), median(row.busy)].map((ms) => ms.toFixed(3));
      options.log(`${size} px  ${label(contender)}: quiet ${quiet}, busy ${busy} s per 1,000`);
    }
  }
  return { rows, versions: runners.map(({ child }) => child.versions) };
}

/** Lets the spinner go while `run` runs; says what share of a core it got. */
async function besideSpinner(spinner: Deno.ChildProcess, run: () => Promise<Reply>) {
  spinner.kill("SIGCONT");
  try {
    // The scheduler needs a moment to spread the threads again.
    await new Promise((resolve) => setTimeout(resolve, 300));
    const [start, ticks] = [performance.now(), await processTicks(spinner.pid)];
    const reply = await run();
    const seconds = (performance.now() - start) / 1000;
    const share = (await processTicks(spinner.pid) - ticks) / TICKS_PER_SECOND / seconds;
    return { reply, share };
  } finally {
    spinner.kill("SIGSTOP");
  }
}

/** The table, with the verdict that counts: two busy threads against one busy thread. */
export function busyTable(result: BusyResult): string {
  const head = [
    "1,000 pictures, seconds",
    "1 thread",
    "2 threads",
    "1 over 2",
    "spinner's core, 1 and 2 threads",
  ];
  const rows: string[][] = [];
  for (const size of new Set(result.rows.map((row) => row.size))) {
    const [one, two] = [1, 2].map((threads) =>
      result.rows.find((row) => row.size === size && row.threads === threads)!
    );
    for (const state of ["quiet", "busy"] as const) {
      const [alone, shared] = [median(one[state]), median(two[state])];
      const shares = [one, two].map((row) => `${(100 * median(row.spinnerShare)).toFixed(0)} %`);
      rows.push([
        `${size} px, ${state}`,
        alone.toPrecision(3),
        shared.toPrecision(3),
        `${(alone / shared).toFixed(2)}x`,
        state === "quiet" ? "–" : shares.join(", "),
      ]);
    }
  }
  return table(head, rows);
}
