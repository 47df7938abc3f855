/** What `graft compare` says. @module */

import { count } from "../core/count.ts";
import type { MeanInterval } from "../core/bootstrap.ts";
import type { Comparison } from "../evaluate/comparison.ts";
import { type Page, PLAIN_PAGE } from "./page.ts";
import { accuracyLine } from "./reports.ts";
import { tableLines } from "./table.ts";

/** Paths of the two models. */
export interface ComparedModels {
  /** The first. */
  readonly a: string;
  /** The second. */
  readonly b: string;
}

/** Both accuracies, their difference, who was right where, and what it means. */
export function comparisonText(
  { a, b }: ComparedModels,
  comparison: Comparison,
  page: Page = PLAIN_PAGE,
): string {
  const { difference, agreement, pValue } = comparison;
  const { both, onlyA, onlyB, neither, sameMistake } = agreement;
  return [
    `A         ${a}`,
    `B         ${b}`,
    "",
    `accuracy  A ${accuracyLine(comparison.a, page)}`,
    `          B ${accuracyLine(comparison.b, page)}`,
    `B - A     ${signed(difference.value)} (95 % interval ${signed(difference.low)} to ${
      signed(difference.high)
    }, paired bootstrap)`,
    `p-value   ${pValueText(pValue)} (McNemar's exact test)`,
    "",
    ...tableLines(["", "B right", "B wrong"], [["A right", both, onlyA], [
      "A wrong",
      onlyB,
      neither,
    ]], {
      page,
    }),
    ...sameMistake > 0
      ? [`of ${neither} where both are wrong, ${sameMistake} by the same class`]
      : [],
    "",
    verdict(comparison),
  ].join("\n");
}

/** What a comparison means, in a sentence. */
export function verdict({ a, b, agreement, difference, pValue, better }: Comparison): string {
  const { onlyA, onlyB } = agreement;
  const disagreed = onlyA + onlyB;
  if (disagreed === 0) {
    return `No difference can be told: both are right on the same ${agreement.both} of ${a.n} pictures.`;
  }
  const split = `of ${
    count(disagreed, "picture")
  } that only one of them gets right, A has ${onlyA} and B ${onlyB}`;
  if (better === "neither") {
    return `No difference can be told: ${split}, which is what chance makes of two equally good models (p = ${
      pValueText(pValue)
    }); more pictures may tell.`;
  }
  const [winner, ahead] = better === "a" ? ["A", mirrored(difference)] : ["B", difference];
  const [high, low] = better === "a" ? [a, b] : [b, a];
  return `${winner} is better, by ${points(ahead.value)} points (${points(ahead.low)} to ${
    points(ahead.high)
  }): ${high.value.toFixed(3)} against ${
    low.value.toFixed(3)
  }; ${split}, which chance hardly makes of equally good models (p ${
    pValue < 0.001 ? "< 0.001" : `= ${pValueText(pValue)}`
  }).`;
}

function mirrored({ value, low, high }: MeanInterval): MeanInterval {
  return { value: -value, low: -high, high: -low };
}

function signed(value: number): string {
  const text = value.toFixed(3);
  return Number(text) === 0 ? "0.000" : value > 0 ? `+${text}` : text;
}

function points(share: number): string {
  return (100 * share).toFixed(1);
}

function pValueText(p: number): string {
  return p < 0.001 ? p.toExponential(1) : p.toFixed(3);
}
