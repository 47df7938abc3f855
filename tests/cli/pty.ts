/** Runs the command line in a terminal of its own, as a person sees it. @module */

import assert from "node:assert/strict";

const ROOT = new URL("../../", import.meta.url);

/** What happens in the terminal. */
export interface PtyOptions {
  /** What is run. @default the command line */
  readonly program?: string;
  /** Flags of Deno. */
  readonly permissions?: readonly string[];
  /** Columns of the terminal. @default {80} */
  readonly columns?: number;
  /** Where stdout goes. @default the terminal */
  readonly stdout?: string;
  /** When Ctrl-C is typed, and how often, a second apart. */
  readonly press?: { readonly after: string; readonly times: number };
  /** Variables of the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** How a run ended. */
export interface PtyOutcome {
  /** Exit code; minus the number of the signal that ended it. */
  readonly code: number;
  /** Everything that was written to the terminal. */
  readonly written: string;
  /** From the last Ctrl-C to the end. */
  readonly secondsAfterPress: number | null;
}

/** Why terminals cannot be made here, or undefined where they can. */
export async function whyNoPty(): Promise<string | undefined> {
  try {
    const { code } = await new Deno.Command("python3", {
      args: ["-c", "import pty, termios"],
      stderr: "null",
    }).output();
    return code === 0 ? undefined : "python3 has no module pty";
  } catch {
    return "there is no python3 to make a terminal with";
  }
}

/** Runs `graft <args>` in a terminal. */
export async function graftInPty(
  args: readonly string[],
  { program = "cli.ts", permissions = [], columns = 80, stdout, press, env = {} }: PtyOptions = {},
): Promise<PtyOutcome> {
  const { code, stdout: told, stderr } = await new Deno.Command("python3", {
    args: [
      new URL("run_in_pty.py", import.meta.url).pathname,
      JSON.stringify({
        command: [
          ...[Deno.execPath(), "run", "--no-prompt", "--quiet", ...permissions, program],
          ...args,
        ],
        columns,
        env: { TERM: "xterm-256color", ...env },
        without: ["NO_COLOR", "LC_ALL", "LC_CTYPE", "LANG"].filter((name) => !(name in env)),
        stdout: stdout ?? null,
        press: press ?? null,
        timeout: 60,
      }),
    ],
    cwd: ROOT,
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(told));
}

/** The frames of a line that is drawn over itself: what stood in the line before each time that it was wiped. */
export function framesOf(written: string): string[] {
  return written.split("\r\x1b[2K").flatMap((piece) => piece.split(/\r?\n/).slice(-1));
}

/** What stands on the screen at the end, line by line: `\r`, wiped lines and colours are obeyed, nothing else is. */
export function screenOf(written: string): string[] {
  const lines = [""];
  // deno-lint-ignore no-control-regex -- that is what is looked for
  for (const [piece] of written.matchAll(/\x1b\[[\d;]*[A-Za-z]|\r|\n|[^\x1b\r\n]+/g)) {
    if (piece === "\n") lines.push("");
    else if (piece === "\x1b[2K") lines[lines.length - 1] = "";
    else if (piece !== "\r" && !piece.endsWith("m")) {
      if (piece.startsWith("\x1b")) assert.fail(`${JSON.stringify(piece)} is not obeyed here`);
      lines[lines.length - 1] += piece; // a line is only ever written to after it was wiped
    }
  }
  return lines;
}
