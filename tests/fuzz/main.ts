/**
 * Feeds hostile input to everything that reads what people bring: `deno task fuzz --seconds 60 [--only jpeg,png] [--seed 1] [--jobs 2]`.
 *
 * Each target runs in a process of its own, so that its memory is measured and a hang can be ended. `--case N` with `--only TARGET
 * --seed S` runs one case again and shows its stack; `--out FILE` also writes its bytes. Exit code 1 when anything failed.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { runCase } from "./child.ts";
import { Dice } from "./dice.ts";
import type { Failure, Line, Summary, Task } from "./messages.ts";
import { FAULTY, targetOf, TARGETS } from "./targets.ts";

/** What became of one target. */
interface Row {
  readonly target: string;
  readonly parts: readonly Summary[];
  readonly failures: readonly Failure[];
}

/** A child that ended badly is started anew behind the case that ended it, this often. */
const MOST_RESTARTS = 5;

/** Starting a child, in milliseconds: what is to fit into the time that was given. */
const START_MS = 800;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seconds: { type: "string", default: "60" },
      only: { type: "string", default: Object.keys(TARGETS).join() },
      seed: { type: "string", default: String(Date.now() % 2 ** 32) },
      jobs: { type: "string", default: String(Math.min(2, navigator.hardwareConcurrency)) },
      cases: { type: "string", default: String(2 ** 50) },
      case: { type: "string" },
      out: { type: "string" },
    },
  });
  const [seconds, seed, jobs, cases] = [values.seconds, values.seed, values.jobs, values.cases]
    .map(Number);
  const names = values.only.split(",");
  const unknown = names.filter((name) => !Object.hasOwn(TARGETS, name) && name !== FAULTY);
  if (unknown.length > 0) {
    console.error(`There is no target ${unknown}; there are ${Object.keys(TARGETS).join(", ")}`);
    return 2;
  }
  if (![seconds, jobs, cases].every((value) => value > 0) || !Number.isInteger(seed)) {
    console.error("--seconds, --jobs and --cases are numbers above 0, --seed is a whole number");
    return 2;
  }
  if (values.case !== undefined) {
    return await again({ target: names[0], seed }, Number(values.case), values.out);
  }
  console.error(`seed ${seed}, ${seconds} s, ${jobs} processes at once, Deno ${Deno.version.deno}`);
  const ms = Math.max(500, seconds * 1000 * Math.min(jobs, names.length) / names.length - START_MS);
  const queue = [...names];
  const rows: Row[] = [];
  const work = async () => {
    for (let target; (target = queue.shift()) !== undefined;) {
      const row = await runTarget({ target, seed, from: 0, ms, cases });
      rows.push(row);
      for (const { case: index, what } of row.failures) {
        console.error(`FAILED ${target}: ${what}\n  ${commandOf(target, seed, index)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  rows.sort((a, b) => names.indexOf(a.target) - names.indexOf(b.target));
  console.log(tableOf(rows));
  return rows.some(({ failures }) => failures.length > 0) ? 1 : 0;
}

function commandOf(target: string, seed: number, index: number): string {
  return `deno task fuzz --only ${target} --seed ${seed} --case ${index}`;
}

/** Runs one case in this process. */
async function again(
  task: Pick<Task, "target" | "seed">,
  index: number,
  out: string | undefined,
): Promise<number> {
  const target = await targetOf(task.target);
  if (out !== undefined) {
    const made = await target.make(new Dice(task.seed, task.target, index));
    Deno.writeFileSync(out, made);
  }
  const start = performance.now();
  try {
    const outcome = await runCase(target, task, index);
    const mb = Math.round(Deno.memoryUsage().rss / 1e6);
    console.log(`${outcome} in ${Math.round(performance.now() - start)} ms, ${mb} MB in use`);
    return 0;
  } catch (error) {
    console.error(error);
    return 1;
  } finally {
    await target.close?.();
  }
}

/** Runs a target for as long as it has. */
async function runTarget(task: Task): Promise<Row> {
  const parts: Summary[] = [];
  const failures: Failure[] = [];
  const end = performance.now() + task.ms;
  let from = task.from;
  for (let start = 0; start <= MOST_RESTARTS; start++) {
    const ms = end - performance.now();
    if (start > 0 && ms < START_MS) break;
    const { summary, found, next } = await runChild({ ...task, from, ms });
    if (summary) parts.push(summary);
    failures.push(...found);
    if (next === undefined) break;
    from = next;
  }
  return { target: task.target, parts, failures };
}

/** One process; `next` is the case to go on with where it was ended. */
async function runChild(task: Task) {
  const child = new URL("./child.ts", import.meta.url).pathname;
  const lock = new URL("../deno.lock", import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      `--lock=${lock}`,
      "-A",
      "--no-check",
      "--quiet",
      "--v8-flags=--expose-gc",
      child,
      JSON.stringify(task),
    ],
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).output();
  const found: Failure[] = [];
  let summary: Summary | undefined;
  let next: number | undefined;
  for (const text of new TextDecoder().decode(stdout).split("\n")) {
    if (!text.startsWith("{")) continue;
    const line: Line = JSON.parse(text);
    if ("failure" in line) found.push(line.failure);
    else if ("summary" in line) summary = line.summary;
    else {
      found.push(line.killed);
      summary = line.so;
      next = line.killed.case + 1;
    }
  }
  if (summary === undefined) {
    const said = new TextDecoder().decode(stderr).trim().split("\n").slice(-3).join(" | ");
    found.push({
      case: task.from,
      what: `the process ended with code ${code}: ${said.slice(0, 500)}`,
    });
  }
  return { summary, found, next };
}

/** Of a target of which no case has run. */
const NOTHING = { case: NaN, ms: 0 };

/** The rows in Markdown. */
function tableOf(rows: readonly Row[]): string {
  const number = (value: number) => Math.round(value).toLocaleString("en");
  const lines = rows.map(({ target, parts, failures }) => {
    const sum = (of: (part: Summary) => number) =>
      parts.reduce((total, part) => total + of(part), 0);
    const cases = sum((part) => part.cases);
    const seconds = sum((part) => part.ms) / 1000;
    const slowest = parts.map((part) => part.slowest).sort((a, b) => b.ms - a.ms)[0] ?? NOTHING;
    return [
      target,
      number(cases),
      number(cases / seconds),
      number(sum((part) => part.accepted)),
      number(cases - sum((part) => part.accepted)),
      number(slowest.ms),
      String(slowest.case),
      number(Math.max(0, ...parts.map(({ peak }) => peak.mb))),
      number(Math.max(failures.length, sum((part) => part.failed))),
    ];
  });
  const total = rows.flatMap(({ parts }) => parts).reduce((sum, { cases }) => sum + cases, 0);
  const failed = lines.reduce((sum, line) => sum + Number(line[8].replaceAll(",", "")), 0);
  lines.push(["all", number(total), "", "", "", "", "", "", number(failed)]);
  const head = [
    "target",
    "cases",
    "cases/s",
    "accepted",
    "refused",
    "slowest ms",
    "its case",
    "peak MB",
    "failures",
  ];
  const widths = head.map((name, i) =>
    Math.max(name.length, ...lines.map((line) => line[i].length))
  );
  const row = (cells: readonly string[]) =>
    `| ${
      cells.map((cell, i) => i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])).join(
        " | ",
      )
    } |`;
  const rule = widths.map((width, i) => i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`);
  return [row(head), row(rule), ...lines.map(row)].join("\n");
}

Deno.exit(await main());
