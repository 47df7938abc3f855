/** What `graft lab` found, in words, as a page and as JSON. @module */

import { type DefaultResult, type Reason, whyTheyDiffer } from "../classifier/lab/compare.ts";
import type { LabPhase, LabReport } from "../classifier/lab/lab_report.ts";
import type { Proportion } from "../core/intervals.ts";
import { htmlPage, htmlTable } from "../report/html_page.ts";
import { lineChart } from "../report/line_chart.ts";
import { escapeMarkup } from "../report/markup.ts";
import { wrap } from "./help.ts";
import { type Page, PLAIN_PAGE } from "./page.ts";
import { accuracyLine } from "./reports.ts";
import { tableLines } from "./table.ts";

/** Everything that is told of one run. */
export interface LabResult {
  /** The data's path or address. */
  readonly source: string;
  /** The lab's way. */
  readonly lab: LabReport;
  /** graft's default on the same pictures. */
  readonly graft: DefaultResult;
  /** Which checkpoint both began with. */
  readonly weights: {
    readonly source: string;
    readonly sha256: string;
    readonly variant: string;
  };
}

/** The files of a report. */
export const LAB_FILES = ["lab.html", "frozen_cost.svg", "fine_tuned_cost.svg"] as const;

/** Parts of the course after each of which the cost is printed. */
const SHOWN_PARTS = 10;

/** The report for a terminal. */
export function labText(result: LabResult, page: Page = PLAIN_PAGE): string {
  const { lab, graft } = result;
  return [
    ...wrap(introduction(result), 0),
    "",
    ...tableLines(ACCURACY_HEADER, accuracyRows(lab), { page }),
    "",
    ...tableLines(...costTable(lab), { page }),
    "",
    ...wrap(defaultLine(graft), 0),
    `accuracy on the test pictures  ${accuracyLine(graft.evaluation.accuracy, page)}`,
    "",
    "Why they differ:",
    ...whyTheyDiffer(lab, graft).flatMap(({ name, text }) =>
      wrap(`${name}: ${text}`, 2).map((line, i) => i === 0 ? line.replace("  ", "- ") : line)
    ),
  ].join("\n");
}

/** The report as files, by name. */
export function labFiles(result: LabResult): Record<typeof LAB_FILES[number], string> {
  const { lab, graft, weights } = result;
  const yLabel = `cost, summed over ${lab.batches} ${lab.batches === 1 ? "batch" : "batches"}`;
  const frozen = lineChart({
    title: "Frozen features: cost by epoch",
    xLabel: "epoch",
    yLabel,
    series: [
      { name: "training", values: lab.frozen.costs },
      { name: validationName(lab), values: lab.frozen.validationCosts ?? [] },
    ],
  });
  const fineTuned = lineChart({
    title: "Fine-tuning: cost by epoch",
    xLabel: "epoch",
    yLabel,
    series: [{ name: "training", values: lab.fineTuned.costs }],
  });
  const paragraph = (text: string) => `<p>${escapeMarkup(text)}</p>`;
  const page = htmlPage("The transfer learning lab, as written", [
    { html: paragraph(introduction(result)) },
    { heading: "Accuracy", html: htmlTable(ACCURACY_HEADER, accuracyRows(lab)) },
    { heading: "Cost", html: `${frozen}\n${fineTuned}` },
    {
      heading: "What graft's default reaches",
      html: paragraph(
        `${defaultLine(graft)}; accuracy on the test pictures ${
          accuracyLine(graft.evaluation.accuracy)
        }`,
      ),
    },
    { heading: "Why they differ", html: reasonList(whyTheyDiffer(lab, graft)) },
    {
      heading: "Weights",
      html: paragraph(
        `${fileName(weights.source)} (${weights.variant}), SHA-256 ${weights.sha256}`,
      ),
    },
  ]);
  return {
    "lab.html": page,
    "frozen_cost.svg": `${frozen}\n`,
    "fine_tuned_cost.svg": `${fineTuned}\n`,
  };
}

/** The report for programs. */
export function labJson(result: LabResult): Record<string, unknown> {
  return { ...result, reasons: whyTheyDiffer(result.lab, result.graft) };
}

function introduction({ source, lab, weights }: LabResult): string {
  const { pictures, batchSize, epochs, seed, frozen, fineTuned } = lab;
  return `The lab as written, on ${
    fileName(source)
  }: ${pictures.train} pictures to train on, ${pictures.test} kept apart. ` +
    `Raw pixels at 28 x 28 in batches of ${batchSize}; Adam with ${frozen.learningRate} on frozen features, then with ` +
    `${fineTuned.learningRate} on everything, ${epochs} ${
      epochs === 1 ? "epoch" : "epochs"
    } each; seed ${seed}; weights of ${fileName(weights.source)}.`;
}

/** Where a file lay is nobody's business but its maker's. */
function fileName(source: string): string {
  return source.split(/[\\/]/).at(-1) || source;
}

const ACCURACY_HEADER = ["accuracy", "mode", "train", "test", "seconds"];

function accuracyRows({ frozen, fineTuned }: LabReport): string[][] {
  const share = ({ value }: Proportion) => value.toFixed(3);
  return ([["frozen features", frozen], ["fine-tuned", fineTuned]] as [string, LabPhase][])
    .flatMap(([name, { trainMode, evalMode, seconds }]) => [
      [
        name,
        "train (the lab's)",
        share(trainMode.train),
        share(trainMode.test),
        seconds.toFixed(1),
      ],
      [name, "eval", share(evalMode.train), share(evalMode.test), ""],
    ]);
}

/** Costs of a few epochs, the first and the last among them. */
function costTable(lab: LabReport): [header: string[], rows: string[][]] {
  const { epochs, frozen, fineTuned } = lab;
  const ends = Array.from(
    { length: SHOWN_PARTS },
    (_, i) => Math.round((i + 1) * epochs / SHOWN_PARTS),
  );
  const shown = [...new Set([1, ...ends.filter((epoch) => epoch > 0)])];
  const at = (values: readonly number[] | null, epoch: number) => values![epoch - 1].toFixed(2);
  return [
    ["cost at epoch", "frozen", validationName(lab), "fine-tuned"],
    shown.map((epoch) => [
      String(epoch),
      at(frozen.costs, epoch),
      at(frozen.validationCosts, epoch),
      at(fineTuned.costs, epoch),
    ]),
  ];
}

function validationName({ validationScale }: LabReport): string {
  return `validation x ${Number(validationScale.toFixed(2))}`;
}

function defaultLine({ head, stages, imageSize, seconds }: DefaultResult): string {
  return `graft's default on the same pictures: ${head} on stages ${
    stages.join(",")
  } at ${imageSize} px, ${seconds.toFixed(1)} s`;
}

function reasonList(reasons: readonly Reason[]): string {
  const items = reasons.map(({ name, text }) =>
    `<li><strong>${escapeMarkup(name)}</strong>: ${escapeMarkup(text)}</li>`
  );
  return `<ul>\n${items.join("\n")}\n</ul>`;
}
