/** Runs the sandboxes' program in other processes and runtimes. @module */

import assert from "node:assert/strict";
import type { BackendReport } from "../../src/backend/mod.ts";

/** The checkout. */
export const ROOT: URL = new URL("../../", import.meta.url);

/** What the program prints. */
export interface ProgramResult {
  /** Version of graft. */
  readonly version: string;
  /** What it ran on. */
  readonly backend: BackendReport;
  /** Hash of the features of some pictures. */
  readonly hash: string;
  /** What a probe on them says of the first five, `[5, classes]`. */
  readonly probabilities: readonly number[];
  /** What the server of a kept model answered, where there was one. */
  readonly served?: { readonly label: string; readonly probability: number };
}

/** How to run it. */
export interface RunOptions {
  /** The runtime. @default the one that runs this */
  readonly deno?: string;
  /** Permissions and other flags. @default none */
  readonly flags?: readonly string[];
  /** Arguments of the program. @default none */
  readonly args?: readonly string[];
  /** More of the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs the program to its end, with no permission but those given. */
export async function runProbe(options: RunOptions = {}): Promise<ProgramResult> {
  const { deno = Deno.execPath(), flags = [], args = [], env = {} } = options;
  const program = new URL("programs/probe_and_predict.ts", import.meta.url).href;
  const { code, stdout, stderr } = await new Deno.Command(deno, {
    args: ["run", "--no-prompt", "--quiet", "--no-lock", ...flags, program, ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  assert.equal(code, 0, decoder.decode(stderr));
  return JSON.parse(decoder.decode(stdout));
}

/** Asserts that two runs gave the same features, bit for bit, and the same answers. */
export function assertSame(a: ProgramResult, b: ProgramResult): void {
  assert.equal(a.hash, b.hash);
  // Logarithms and exponentials of versions of V8 differ in their last bit, and so do the solver's paths.
  a.probabilities.forEach((value, i) =>
    assert.ok(Math.abs(value - b.probabilities[i]) < 1e-3, `${value} ${b.probabilities[i]}`)
  );
  assert.equal(a.served?.label, b.served?.label);
}
