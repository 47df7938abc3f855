/** Where a network that trains differs from PyTorch, in words. @module */
import type { EntryArray, Network, NetworkEntry } from "../../src/model/network.ts";
import { maxRelativeError } from "../backend/reference.ts";
import { decodeFloats } from "./random_b0_weights.ts";
import { decodeDigest, type Digest, digestOf, type Digests } from "./training_fixture.ts";

/** Whether an entry is one of the 213 that gradients exist for. */
export function isParameter({ kind }: NetworkEntry): boolean {
  return kind !== "runningMean" && kind !== "runningVariance";
}

/** Errors of one tensor in units of the tensor: of its largest value, of its norm, of `sqrt(n)` norms, of its norm. */
export function digestErrors(got: Digest, want: Digest, size: number): Record<string, number> {
  const samples = Math.max(...want.samples.map((value, i) => Math.abs(got.samples[i] - value)));
  return {
    samples: samples / want.largest,
    largest: Math.abs(got.largest - want.largest) / want.largest,
    norm: Math.abs(got.norm - want.norm) / want.norm,
    // Rounding may lean to one side all over a tensor (a gradient of rank one): Cauchy and Schwarz bound what it sums to.
    sum: Math.abs(got.sum - want.sum) / (want.norm * Math.sqrt(size)),
    mixedSum: Math.abs(got.mixedSum - want.mixedSum) / want.norm,
  };
}

/** Options of {@linkcode digestProblems}. */
export interface DigestComparison {
  /** Which arrays. */
  readonly array: EntryArray;
  /** What PyTorch has. */
  readonly expected: Digests;
  /** Bound of every error of {@linkcode digestErrors}. */
  readonly tolerance: number;
  /** Names to leave out. */
  readonly except?: readonly string[];
}

/** One line for each array of the network that differs from its digest, the worst first. */
export function digestProblems(network: Network, options: DigestComparison): string[] {
  const { array, expected, tolerance, except = [] } = options;
  const problems: { worst: number; line: string }[] = [];
  for (const [name, text] of Object.entries(expected)) {
    if (except.includes(name)) continue;
    const values = network.read(name, array);
    const errors = digestErrors(digestOf(values), decodeDigest(text), values.length);
    const wrong = Object.entries(errors).filter(([, error]) => !(error <= tolerance)); // NaN is no success
    if (wrong.length === 0) continue;
    const worst = Math.max(...wrong.map(([, error]) => Number.isNaN(error) ? Infinity : error));
    const list = wrong.map(([what, error]) => `${what} off by ${error.toExponential(1)}`);
    problems.push({ worst, line: `${name} (${array}): ${list.join(", ")}` });
  }
  return problems.sort((a, b) => b.worst - a.worst).map(({ line }) => line);
}

/** Gradients that are 0 in exact arithmetic: each must be small beside that of the same norm's scale. */
export function zeroProblems(network: Network, names: readonly string[], tolerance: number) {
  return names.flatMap((name) => {
    const scale = network.read(name.replace(/bias$/, "weight"), "gradient");
    const noise = digestOf(network.read(name, "gradient")).largest / digestOf(scale).largest;
    return noise <= tolerance ? [] : [`${name}: ${noise.toExponential(1)} of its scale's gradient`];
  });
}

/** One line where numbers differ from those in base64 by more than the tolerance, relative to the largest. */
export function valueProblems(
  what: string,
  got: Float32Array,
  expected: string,
  tolerance: number,
): string[] {
  const error = maxRelativeError(got, decodeFloats(expected));
  return error <= tolerance ? [] : [`${what} off by ${error.toExponential(1)}`];
}

/** A message that names the worst and counts the rest. */
export function listProblems(problems: readonly string[]): string {
  const rest = problems.length > 12 ? [`… ${problems.length} in all`] : [];
  return ["", ...problems.slice(0, 12), ...rest].join("\n  ");
}
