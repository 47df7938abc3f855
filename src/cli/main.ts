/** From the arguments of the process to its exit code. @module */

import { backend, stopBackend } from "../backend/mod.ts";
import { UsageError, UserError } from "../core/errors.ts";
import { VERSION } from "../core/version.ts";
import { stopPictureThreads, whyNoPictureThreads } from "../data/picture_threads.ts";
import { EventLines } from "./event_lines.ts";
import { failureOf, type TakenFlags } from "./failure.ts";
import { overview, usageLine, verbHelp } from "./help.ts";
import { interruptible, type Interruption } from "./interrupt.ts";
import { showingSources, shownText } from "../core/shown_source.ts";
import { nearest } from "../core/nearest.ts";
import { pageOfStdout } from "./page.ts";
import { reportBackend } from "./reports.ts";
import { readArguments, runVerb } from "./run_verb.ts";
import { Terminal } from "./terminal.ts";
import { GLOBAL_FLAGS, type Verb } from "./verb.ts";
import { allVerbs, findVerb, VERB_NAMES } from "./verbs.ts";
import type { Voice } from "./voice.ts";
import { writeAll } from "./write_all.ts";

/**
 * Runs one command line.
 *
 * @param args What follows the program's name.
 * @returns The exit code: 0 done, 1 could not be done, 2 not understood, 130 stopped by Ctrl-C.
 */
export async function main(args: readonly string[]): Promise<number> {
  // Until the flags are read, errors are told as they seem to ask for.
  const session = { voice: voiceFor({ json: args.includes("--json") }) };
  return await interruptible(
    async (interruption) => {
      try {
        return await dispatch(args, session, interruption);
      } catch (error) { // outside of a verb nothing is done but to print
        return fail(error, session.voice, { debug: args.includes("--debug") });
      } finally {
        session.voice.finish();
        stopBackend();
        stopPictureThreads();
      }
    },
    {
      onStop: (plan) => {
        if (plan !== undefined) {
          session.voice.stopped(`Ctrl-C: ${plan}; a second Ctrl-C ends at once`);
        }
      },
      onForcedEnd: (why) => {
        session.voice.finish();
        session.voice.stopped(why);
      },
    },
  );
}

/** Who is spoken to; another one once the flags are read. */
interface Session {
  voice: Voice;
}

/** A program with `--json`, else a person. */
function voiceFor(
  { json, ...options }: {
    readonly json: boolean;
    readonly quiet?: boolean;
    readonly verbose?: boolean;
  },
): Voice {
  return json ? new EventLines(options) : new Terminal(options);
}

async function dispatch(
  args: readonly string[],
  session: Session,
  interruption: Interruption,
): Promise<number> {
  const { before, name, rest } = splitAtVerb(args);
  if (name === undefined || name === "help") {
    return await runWithoutVerb(before, { name, rest, voice: session.voice });
  }
  const verb = await findVerb(name);
  if (verb === undefined) {
    const wanted = nearest(name, VERB_NAMES);
    const hint = wanted === undefined
      ? "run graft --help for the verbs"
      : `did you mean ${wanted}?`;
    return fail(
      new UsageError(`unknown verb ${JSON.stringify(name)}; ${hint}`),
      session.voice,
    );
  }
  return await perform(verb, [...before, ...rest], { session, interruption });
}

async function perform(
  verb: Verb,
  args: readonly string[],
  { session, interruption: { signal, whenStopped } }: {
    readonly session: Session;
    readonly interruption: Interruption;
  },
): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) return print(verbHelp(verb));
  let flags: TakenFlags = {};
  const shown = showingSources(args);
  try {
    const given = readArguments(verb, args);
    flags = given.flags;
    const { json } = given.flags;
    const voice = session.voice = voiceFor(given.flags);
    const result = await runVerb(verb, given, {
      signal,
      whenStopped,
      page: pageOfStdout(),
      onProgress: (progress) => voice.progress(progress),
      say: (line) => {
        voice.finish();
        if (!json) print(shown(line));
      },
      note: (line) => voice.note(shown(line)),
      detail: (line) => voice.detail(shown(line)),
      event: (name, fields, line) => voice.event(name, fields, line),
    });
    voice.finish();
    // Threads may have been refused when work began, after the model was opened.
    reportBackend(backend(), {
      note: (line) => voice.note(line),
      detail: (line) => voice.detail(line),
    });
    const why = whyNoPictureThreads();
    if (why !== undefined) voice.note(`pictures were decoded by one thread alone: ${why}`);
    print(shown(json ? JSON.stringify(result.json) : result.text));
    if (signal.aborted) voice.stopped("stopped by Ctrl-C");
    return 0; // interruptible() makes it 130 where it was stopped
  } catch (error) {
    const code = isStop(error, signal)
      ? 0
      : fail(error, session.voice, { verb, flags, debug: args.includes("--debug") });
    session.voice.finish();
    if (signal.aborted) session.voice.stopped("stopped by Ctrl-C");
    return code;
  }
}

/** Whether an error is what a stop looks like from inside of the work, rather than something that went wrong after it. */
function isStop(error: unknown, { aborted, reason }: AbortSignal): boolean {
  if (!aborted || !(error instanceof Error || error instanceof DOMException)) return false;
  return error === reason || error.name === "AbortError" || error.cause === reason;
}

/** Says what went wrong. @returns the exit code. */
function fail(
  error: unknown,
  voice: Voice,
  { verb, flags, debug = false }: {
    readonly verb?: Verb;
    readonly flags?: TakenFlags;
    readonly debug?: boolean;
  } = {},
): number {
  const { code, line } = failureOf(error, flags);
  voice.finish();
  voice.error({
    code,
    line,
    usage: code === 2 && verb !== undefined ? usageLine(verb) : undefined,
    stack: debug && error instanceof Error ? shownText(stackOf(error)) : undefined,
  });
  return code;
}

function stackOf(error: Error): string {
  const stack = error.stack ?? `${error}`;
  return error.cause instanceof Error ? `${stack}\ncaused by ${stackOf(error.cause)}` : stack;
}

/** `graft`, `graft --help`, `graft help train`, `graft --version`. */
async function runWithoutVerb(
  before: readonly string[],
  { name, rest, voice }: {
    readonly name: string | undefined;
    readonly rest: readonly string[];
    readonly voice: Voice;
  },
): Promise<number> {
  if (before.includes("--version")) return print(VERSION);
  const verb = name === "help" && rest[0] !== undefined ? await findVerb(rest[0]) : undefined;
  if (verb !== undefined) return print(verbHelp(verb));
  const asked = name === "help" || before.includes("--help") || before.includes("-h");
  if (asked) return print(overview(await allVerbs()));
  if (before.length === 0) { // as git and cargo do; not on stdout, where a script would take it for a result
    writeAll(Deno.stderr, `${overview(await allVerbs())}\n`);
    return 2;
  }
  return fail(
    new UsageError(`no verb after ${before.join(" ")}; run graft --help for the verbs`),
    voice,
  );
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

/** Writes a result to stdout, whole. @returns the exit code. @throws {UserError} When it takes no more. */
function print(text: string): number {
  try {
    writeAll(Deno.stdout, `${text}\n`);
  } catch (error) {
    const why = error instanceof Error ? error.message : error;
    throw new UserError(`Cannot write the result to stdout: ${why}; send it elsewhere`, {
      cause: error,
    });
  }
  return 0;
}
