/** Runs the cases of one target in a process of its own: `deno run -A child.ts TASK`. @module */
import process from "node:process";
import { Dice } from "./dice.ts";
import {
  type Line,
  MOST_MB,
  SHARED,
  SLOW_MS,
  STUCK_MS,
  type Summary,
  type Task,
} from "./messages.ts";
import type { Target } from "./target.ts";
import { targetOf } from "./targets.ts";

/** Failures of one kind that are told; more say nothing new. */
const MOST_TOLD = 2;
/** Kinds of failures after which a target is given up. */
const MOST_KINDS = 12;
/** Open files that the runtime itself may add when it first needs them: each thread of a decoder has some. */
const MOST_GROWTH_FILES = 64;
/** Cases of which some must be accepted; they are a fifth of most targets', a twentieth of the sockets'. */
const ENOUGH = 300;
/** A turn of the event loop is given after so many cases. */
const TURN = 16;
/** Memory that cases leave behind in all, in MB, that is no leak: caches, compiled code. */
const MOST_GROWTH_MB = 100;

/** Runs one case. @throws What is wrong with it. */
export async function runCase(target: Target, task: Pick<Task, "target" | "seed">, index: number) {
  const dice = new Dice(task.seed, task.target, index);
  return await target.run(await target.make(dice), dice);
}

if (import.meta.main) {
  // A fault that nobody waits for is one, too.
  const stray: string[] = [];
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    stray.push(oneLine(event.reason));
  });
  try {
    await runTask(JSON.parse(Deno.args[0]), stray);
    Deno.exit(0);
  } catch (error) {
    // Nothing of the target has run; the listener above would pass over it.
    console.error(error);
    Deno.exit(1);
  }
}

async function runTask(task: Task, stray: string[]): Promise<void> {
  const target = await targetOf(task.target);
  const shared = new Float64Array(new SharedArrayBuffer(8 * Object.keys(SHARED).length));
  const watchdog = new Worker(new URL("./watchdog.ts", import.meta.url), { type: "module" });
  watchdog.postMessage(shared.buffer);
  const say = (line: Line) => {
    Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(line)}\n`));
  };
  const kinds = new Map<string, number>();
  const fail = (index: number, what: string) => {
    const kind = what.replaceAll(/\d+|["'][^"']*["']|: .*? \(/g, "");
    const count = (kinds.get(kind) ?? 0) + 1;
    kinds.set(kind, count);
    shared[SHARED.failed]++;
    if (count <= MOST_TOLD) say({ failure: { case: index, what } });
  };
  const timed = async (index: number) => {
    const begun = performance.now();
    const used = process.cpuUsage();
    shared[SHARED.case] = index;
    shared[SHARED.begun] = performance.timeOrigin + begun;
    // A refusal is an error, and where it was made is costly to find out and of no use.
    Error.stackTraceLimit = 0;
    let failed: unknown;
    try {
      if (await runCase(target, task, index) === "accepted") shared[SHARED.accepted]++;
    } catch (error) {
      failed = error;
    }
    const ms = performance.now() - begun;
    const { user, system } = process.cpuUsage(used);
    Error.stackTraceLimit = 10;
    if (failed !== undefined) {
      // Once more, to find out where.
      const placed = await runCase(target, task, index).then(() => failed, (error) => error);
      fail(index, oneLine(placed));
    }
    shared[SHARED.begun] = 0;
    return { ms, isSlow: ms > SLOW_MS && (user + system) / 1000 > SLOW_MS || ms > STUCK_MS };
  };
  const start = performance.now();
  let before: { readonly mb: number; readonly held: number; readonly files: number } | undefined;
  let index = task.from;
  let elapsed = 0;
  for (; elapsed < task.ms && index < task.from + task.cases; index++) {
    let { ms, isSlow } = await timed(index);
    shared[SHARED.cases]++;
    for (let more = 2; ms > SLOW_MS && more > 0; more--) {
      const again = await timed(index);
      [ms, isSlow] = [Math.min(ms, again.ms), isSlow && again.isSlow];
    }
    if (isSlow) fail(index, `takes ${Math.round(ms)} ms`);
    if (ms > shared[SHARED.slowestMs]) {
      [shared[SHARED.slowestMs], shared[SHARED.slowest]] = [ms, index];
    }
    // Strays are told of in a turn of their own, which cases that wait for nothing never give.
    if (index % TURN === TURN - 1) await new Promise((resolve) => setTimeout(resolve));
    for (const what of stray.splice(0)) {
      fail(index, `nobody catches, here or shortly before: ${what}`);
    }
    if (kinds.size >= MOST_KINDS) break;
    elapsed = performance.now() - start;
    if (before === undefined && (elapsed > task.ms / 4 || index >= task.from + task.cases / 4)) {
      before = await standing(target);
    }
  }
  const ms = performance.now() - start;
  const after = await standing(target);
  if (before !== undefined && kinds.size === 0) {
    for (const key of ["mb", "held", "files"] as const) {
      const grown = after[key] - before[key];
      if (grown <= { mb: MOST_GROWTH_MB, held: 0, files: MOST_GROWTH_FILES }[key]) continue;
      const what = { mb: "MB of memory", held: "tensors", files: "open files" }[key];
      fail(index - 1, `the cases up to this one leave ${Math.round(grown)} ${what} behind`);
    }
  }
  if (shared[SHARED.cases] >= ENOUGH && shared[SHARED.accepted] === 0) {
    fail(
      index - 1,
      "no case up to this one is accepted: what lies behind the first checks is not tried",
    );
  }
  const peak = { case: shared[SHARED.peakCase], mb: peakMb() ?? shared[SHARED.peakMb] };
  if (peak.mb > MOST_MB) fail(peak.case, `at about this case ${Math.round(peak.mb)} MB are in use`);
  await target.close?.();
  watchdog.terminate();
  const summary: Summary = {
    cases: shared[SHARED.cases],
    failed: shared[SHARED.failed],
    accepted: shared[SHARED.accepted],
    ms,
    slowest: { case: shared[SHARED.slowest], ms: shared[SHARED.slowestMs] },
    peak,
  };
  say({ summary });
}

/** What is held between two cases. */
async function standing(target: Target) {
  for (let i = 0; i < 3; i++) {
    (globalThis as { gc?: () => void }).gc?.();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const { heapUsed, external } = Deno.memoryUsage();
  return { mb: (heapUsed + external) / 1e6, held: target.held?.() ?? 0, files: openFiles() };
}

/** Open files of this process; 0 where that cannot be told. */
function openFiles(): number {
  try {
    return [...Deno.readDirSync("/proc/self/fd")].length;
  } catch {
    return 0;
  }
}

/** Largest resident size so far, where Linux tells it. */
function peakMb(): number | undefined {
  try {
    const status = Deno.readTextFileSync("/proc/self/status");
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) * 1024 / 1e6;
  } catch {
    return undefined;
  }
}

function oneLine(error: unknown): string {
  const { stack, message } = error instanceof Error ? error : new Error(String(error));
  const place = /\n\s+at [^\n]*?((?:src|tests)\/[^\s)]+)/.exec(stack ?? "")?.[1] ?? "";
  const name = error instanceof Error ? error.name : "thrown";
  return `${name}: ${message.replaceAll(/\s+/g, " ").slice(0, 300)} (${place})`;
}
