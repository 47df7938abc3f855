/** Runs the command line as a user does, in a process of its own. @module */

import assert from "node:assert/strict";
import { sampleCsv } from "../../src/data/sample.ts";

const ROOT = new URL("../../", import.meta.url);

/** How a run ended. */
export interface Outcome {
  /** Exit code. */
  readonly code: number;
  /** All of stdout. */
  readonly stdout: string;
  /** All of stderr. */
  readonly stderr: string;
}

/** Runs `graft <args>` with these permissions and no others, and more variables in the environment. */
export async function graft(
  args: readonly string[],
  permissions: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--quiet", ...permissions, "cli.ts", ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Runs `graft <args> --json`, asserts that it worked, and returns what it printed. */
export async function graftJson(
  args: readonly string[],
  permissions: readonly string[] = [],
): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await graft([...args, "--json"], permissions);
  assert.equal(code, 0, stderr);
  assert.equal(stdout.trimEnd().split("\n").length, 1, "more than one line of JSON");
  return JSON.parse(stdout);
}

/** A folder that goes with the test. */
export interface Folder extends AsyncDisposable {
  /** Its path. */
  readonly path: string;
  /** Path of a file in it. */
  file(name: string): string;
  /** Names of all files in it, sorted. */
  names(): string[];
}

/** Makes an empty folder. */
export async function emptyFolder(): Promise<Folder> {
  const path = await Deno.makeTempDir({ prefix: "graft_cli_" });
  return {
    path,
    file: (name) => `${path}/${name}`,
    names: () => [...Deno.readDirSync(path)].map(({ name }) => name).sort(),
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

/** The fastest features: of a random trunk, cut short, on the smallest input. */
export const FAST_FEATURES = [
  ...["--weights", "random", "--image-size", "28", "--stages", "3,4", "--quiet"],
];

/** The fastest flags of `train`: a probe, without the question whether fine-tuning would be better. */
export const FAST = [...FAST_FEATURES, "--method", "probe"];

/** A CSV of `rows` drawn clothes; `edit` changes its lines (line 0 is the header). */
export function sampleLines(rows: number, edit: (lines: string[]) => void = () => {}): string {
  const lines = [...sampleCsv({ rows })].map((line) => line.trimEnd());
  edit(lines);
  return lines.join("\n") + "\n";
}
