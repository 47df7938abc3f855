/** The flag that says how much each class counts. @module */

import { UsageError } from "../core/errors.ts";
import type { ClassWeights } from "../train/class_weights.ts";
import type { Flag } from "./flags.ts";

/** `--class-weights balanced`, `cat=2,dog=0.5`, or the same as a JSON object where names hold commas. */
export const CLASS_WEIGHTS_FLAG: Flag<ClassWeights | undefined> = {
  value: "WEIGHTS",
  text:
    "how much each class counts: balanced, so that all count alike, cat=2,dog=0.5 or the same as a JSON " +
    "object; classes left out count 1",
  shownDefault: "each picture counts alike",
  default: undefined,
  parse: (given, name) => given === "balanced" ? given : readWeights(given, name),
};

function readWeights(given: string, name: string): Readonly<Record<string, number>> {
  const pairs = given.trimStart().startsWith("{") ? jsonPairs(given, name) : textPairs(given, name);
  const weights = new Map<string, number>();
  for (const [label, weight] of pairs) {
    if (!(typeof weight === "number" && weight > 0 && weight < Infinity)) {
      throw new UsageError(
        `${name} gives class ${JSON.stringify(label)} the weight ${
          typeof weight === "number" ? weight : JSON.stringify(weight)
        }, expected a number above 0`,
      );
    }
    if (weights.has(label)) {
      throw new UsageError(`${name} names class ${JSON.stringify(label)} twice`);
    }
    weights.set(label, weight);
  }
  return Object.fromEntries(weights);
}

/** A name may hold an equals sign: the last one counts. */
function textPairs(given: string, name: string): [label: string, weight: unknown][] {
  return given.split(",").map((part) => {
    const at = part.lastIndexOf("=");
    if (at < 1) throw unfit(given, name);
    const text = part.slice(at + 1).trim();
    const weight = text === "" ? NaN : Number(text);
    return [part.slice(0, at).trim(), Number.isNaN(weight) ? text : weight];
  });
}

function jsonPairs(given: string, name: string): [label: string, weight: unknown][] {
  try {
    return Object.entries(JSON.parse(given)); // it begins with a brace: an object, or no JSON
  } catch {
    throw unfit(given, name);
  }
}

function unfit(given: string, name: string): UsageError {
  return new UsageError(
    `${name} is ${
      JSON.stringify(given)
    }, expected balanced, NAME=WEIGHT,NAME=WEIGHT or {"NAME": WEIGHT}`,
  );
}
