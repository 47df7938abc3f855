/** From the arguments of the process to its exit code. @module */

import { stopBackend } from "../backend/mod.ts";
import { UsageError } from "../core/errors.ts";
import { VERSION } from "../core/version.ts";
import { failureOf } from "./failure.ts";
import { overview, usageLine, verbHelp } from "./help.ts";
import { interruptible } from "./interrupt.ts";
import { nearest } from "./nearest.ts";
import { readArguments, runVerb } from "./run_verb.ts";
import { Terminal } from "./terminal.ts";
import { GLOBAL_FLAGS, type Verb } from "./verb.ts";
import { VERBS } from "./verbs.ts";

/**
 * Runs one command line.
 *
 * @param args What follows the program's name.
 * @returns The exit code: 0 done, 1 could not be done, 2 not understood, 130 stopped by Ctrl-C.
 */
export async function main(args: readonly string[]): Promise<number> {
  return await interruptible(async (signal) => {
    try {
      return await dispatch(args, signal);
    } finally {
      stopBackend();
    }
  });
}

async function dispatch(args: readonly string[], signal: AbortSignal): Promise<number> {
  const { before, name, rest } = splitAtVerb(args);
  if (name === undefined || name === "help") return runWithoutVerb(before, name, rest);
  const verb = VERBS.find((known) => known.name === name);
  if (verb === undefined) {
    const wanted = nearest(name, VERBS.map((known) => known.name));
    const hint = wanted === undefined
      ? "run graft --help for the verbs"
      : `did you mean ${wanted}?`;
    return fail(new UsageError(`unknown verb ${JSON.stringify(name)}; ${hint}`), new Terminal());
  }
  return await perform(verb, [...before, ...rest], signal);
}

async function perform(verb: Verb, args: readonly string[], signal: AbortSignal): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) return print(verbHelp(verb));
  let terminal = new Terminal();
  try {
    const given = readArguments(verb, args);
    const { quiet, verbose, json } = given.flags;
    terminal = new Terminal({ quiet, verbose });
    const result = await runVerb(verb, given, {
      signal,
      onProgress: (progress) => terminal.progress(progress),
      say: (line) => {
        terminal.finish();
        if (!json) print(line);
      },
      note: (line) => terminal.note(`graft: ${line}`),
      detail: (line) => terminal.detail(`graft: ${line}`),
    });
    terminal.finish();
    return print(json ? JSON.stringify(result.json) : result.text);
  } catch (error) {
    terminal.finish();
    if (signal.aborted) {
      terminal.note("graft: stopped");
      return 1; // interruptible() makes it 130
    }
    return fail(error, terminal, { verb, debug: args.includes("--debug") });
  }
}

/** Says what went wrong. @returns the exit code. */
function fail(
  error: unknown,
  terminal: Terminal,
  { verb, debug = false }: { readonly verb?: Verb; readonly debug?: boolean } = {},
): number {
  const { code, line } = failureOf(error);
  terminal.error(`graft: ${line}`);
  if (code === 2 && verb !== undefined) terminal.error(usageLine(verb));
  if (debug && error instanceof Error) terminal.error(stackOf(error));
  return code;
}

function stackOf(error: Error): string {
  const stack = error.stack ?? `${error}`;
  return error.cause instanceof Error ? `${stack}\ncaused by ${stackOf(error.cause)}` : stack;
}

/** `graft`, `graft --help`, `graft help train`, `graft --version`. */
function runWithoutVerb(
  before: readonly string[],
  name: string | undefined,
  rest: readonly string[],
): number {
  if (before.includes("--version")) return print(VERSION);
  const verb = name === "help" ? VERBS.find((known) => known.name === rest[0]) : undefined;
  if (verb !== undefined) return print(verbHelp(verb));
  const asked = name === "help" || before.includes("--help") || before.includes("-h");
  if (asked) return print(overview(VERBS));
  const problem = before.length === 0 ? "no verb is given" : `no verb after ${before.join(" ")}`;
  return fail(new UsageError(`${problem}; run graft --help for the verbs`), new Terminal());
}

/** Flags may stand before the verb, too: `graft --threads 1 train …`. */
function splitAtVerb(
  args: readonly string[],
): { before: readonly string[]; name: string | undefined; rest: readonly string[] } {
  let at = 0;
  while (at < args.length && args[at].startsWith("-")) {
    const flag = GLOBAL_FLAGS[args[at].replace(/^--/, "") as keyof typeof GLOBAL_FLAGS];
    at += flag?.value === undefined ? 1 : 2;
  }
  return { before: args.slice(0, at), name: args[at], rest: args.slice(at + 1) };
}

/** Writes a result to stdout, whole. @returns the exit code. */
function print(text: string): number {
  const bytes = new TextEncoder().encode(`${text}\n`);
  try {
    for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
  } catch (error) {
    // `graft predict … | head`: the reader has seen enough.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
  return 0;
}
