/** What the benchmark asks Linux: which machine this is, and who else is using it. @module */

/** Ticks of all processors since the machine started (100 to a second and core). */
export interface CpuTicks {
  /** All ticks. */
  readonly total: number;
  /** Those not spent idle or waiting for a disk. */
  readonly busy: number;
}

/** First line of /proc/stat. */
export async function cpuTicks(): Promise<CpuTicks> {
  const line = (await Deno.readTextFile("/proc/stat")).split("\n", 1)[0];
  const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number);
  const total = ticks.reduce((sum, value) => sum + value, 0);
  return { total, busy: total - ticks[3] - ticks[4] };
}

/** User and system ticks of one process, all its threads. */
export async function processTicks(pid: number): Promise<number> {
  const text = await Deno.readTextFile(`/proc/${pid}/stat`);
  // The name in brackets may hold spaces; utime and stime are fields 14 and 15.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

/** User and system ticks of those children of this process that have ended and been waited for. */
export async function endedChildrenTicks(): Promise<number> {
  const text = await Deno.readTextFile("/proc/self/stat");
  // See processTicks; cutime and cstime are fields 16 and 17.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return Number(fields[13]) + Number(fields[14]);
}

/** Largest resident size of a process so far, in MiB (VmHWM of /proc/PID/status). */
export async function peakMemory(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)![1]) / 1024;
}

/** Waits until the whole machine is less than `share` busy for a fifth of a second, at most `limitMs`. */
export async function waitForQuiet(share = 0.1, limitMs = 6_000): Promise<boolean> {
  const end = performance.now() + limitMs;
  while (performance.now() < end) {
    const before = await cpuTicks();
    await new Promise((resolve) => setTimeout(resolve, 200));
    const after = await cpuTicks();
    if (after.busy - before.busy <= share * (after.total - before.total)) return true;
  }
  return false;
}

/**
 * Runs `work` and says which share of the machine anybody but the processes `pids` used meanwhile (0 to
 * 1; this runner itself sleeps). Ticks are 10 ms, so short work gives coarse answers.
 */
export async function withForeignShare<T>(
  pids: readonly number[],
  work: () => Promise<T>,
): Promise<{ result: T; foreign: number }> {
  const ownTicks = async () =>
    (await Promise.all(pids.map(processTicks))).reduce((sum, ticks) => sum + ticks, 0);
  const [cpu, own] = [await cpuTicks(), await ownTicks()];
  const result = await work();
  const [cpuAfter, ownAfter] = [await cpuTicks(), await ownTicks()];
  const others = cpuAfter.busy - cpu.busy - (ownAfter - own);
  return { result, foreign: Math.max(0, others) / Math.max(1, cpuAfter.total - cpu.total) };
}

/** A visit during which others used more of the machine than this is measured again. */
const TOLERATED_SHARE = 0.1;
const RETRIES = 2;

/** Repeats `work` while others disturb it, a few times at most, and keeps the least disturbed result. */
export async function leastDisturbed<T>(
  pids: readonly number[],
  work: () => Promise<T>,
): Promise<{ result: T; foreign: number }> {
  let best = await withForeignShare(pids, work);
  for (let retry = 0; retry < RETRIES && best.foreign > TOLERATED_SHARE; retry++) {
    await waitForQuiet();
    const next = await withForeignShare(pids, work);
    if (next.foreign < best.foreign) best = next;
  }
  return best;
}

/** One line: processor, cores, memory, kernel. */
export async function describeMachine(): Promise<string> {
  const cpu = await Deno.readTextFile("/proc/cpuinfo");
  const model = /^model name\s*:\s*(.*)$/m.exec(cpu)?.[1] ?? "unknown processor";
  const widest = ["avx512f", "avx2", "avx"].find((flag) => cpu.includes(` ${flag} `)) ?? "no AVX";
  const memory = Deno.systemMemoryInfo().total / 2 ** 30;
  const kernel = Deno.osRelease();
  const cores = navigator.hardwareConcurrency;
  return `${model} (${widest}), ${cores} cores, ${memory.toFixed(0)} GiB, Linux ${kernel}`;
}
