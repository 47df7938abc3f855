/** How the training went, on a report's page. @module */

import { chartFigure } from "../../report/chart_figure.ts";
import { htmlTable } from "../../report/html_page.ts";
import { type ChartMark, lineChart } from "../../report/line_chart.ts";
import type { TrainingEpoch } from "../../store/training_manifest.ts";
import type { ReportData, ReportedRun } from "./report_data.ts";
import { paragraphs, type ReportSection, subheading } from "./section_parts.ts";
import { count, percent, trainingText } from "./words.ts";

const HEADING = "How the training went";
const NAMED = { rowNames: true } as const;

/** Curves with the stopping point, and what was done. */
export function trainingSection({ model, run }: ReportData): ReportSection {
  if (run !== undefined) return runSection(run);
  if (model === undefined) return undefined;
  const { training, head } = model;
  if (training === null) {
    return { heading: HEADING, absent: "the model was saved without telling how it was trained" };
  }
  const { epochs, bestEpoch, validation } = training;
  const optimistic = validation?.part === "test"
    ? [
      "The test pictures chose the epoch: the score on them is optimistic. Keep pictures apart for validation to have one that is not.",
    ]
    : [];
  const details = Object.entries(head.details).map(([name, value]) => [
    inWords(name),
    shortened(value),
  ]);
  return {
    heading: HEADING,
    html: [
      paragraphs([...trainingText(training), ...optimistic]),
      ...curves(epochs, bestEpoch, validation?.part === "test" ? "test" : "validation"),
      ...details.length === 0
        ? []
        : [subheading("What it settled on"), htmlTable(["setting", "value"], details, NAMED)],
    ].join("\n"),
  };
}

function runSection({ epochs, bestEpoch, finished, steps, settings }: ReportedRun): ReportSection {
  const state = `${count(epochs.length, "epoch")} and ${count(steps, "step")} were made; ` +
    (finished ? "the run is over." : "the run is not over.");
  const best = bestEpoch === undefined ? [] : [`The best epoch so far is ${bestEpoch}.`];
  const rows = Object.entries(settings).map(([name, value]) => [inWords(name), value]);
  return {
    heading: HEADING,
    html: [
      paragraphs([state, ...best]),
      ...curves(epochs, bestEpoch, "validation"),
      subheading("What its course depends on"),
      htmlTable(["setting", "value"], rows, NAMED),
    ].join("\n"),
  };
}

/** `learningRate` as `learning rate`. */
function inWords(name: string): string {
  return name.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** Four digits are enough to read. */
function shortened(value: number | string): string {
  if (typeof value === "string" || Number.isInteger(value)) return String(value);
  return String(Number(value.toPrecision(4)));
}

/** Loss and accuracy by epoch; a single epoch is told in words. */
function curves(
  epochs: readonly TrainingEpoch[],
  bestEpoch: number | undefined,
  judges: "validation" | "test",
): string[] {
  if (epochs.length === 0) return [];
  if (epochs.length === 1) return [paragraphs([epochText(epochs[0])])];
  const marks: ChartMark[] = bestEpoch === undefined
    ? []
    : [{ name: `best epoch: ${bestEpoch}`, at: bestEpoch }];
  const validated = epochs.some(({ validation }) => validation !== undefined);
  const chart = (what: "loss" | "accuracy", yLabel: string) =>
    lineChart({
      title: what === "loss" ? "Loss by epoch" : "Accuracy by epoch",
      xLabel: "epoch",
      yLabel,
      series: [
        { name: "training, as it was shown", values: epochs.map((epoch) => epoch[what]) },
        ...validated
          ? [{ name: judges, values: epochs.map(({ validation }) => validation?.[what] ?? NaN) }]
          : [],
      ],
      marks,
    });
  const read = validated
    ? `Where training goes on to fall and ${judges} no longer does, the model begins to learn its pictures by heart.`
    : "Nothing but the training pictures was looked at: where it begins to learn them by heart cannot be seen.";
  const where = bestEpoch === undefined
    ? ""
    : ` The dashed line is the best epoch, whose weights are kept unless the last were asked for.`;
  return [
    chartFigure(chart("loss", "mean loss (nats)"), { caption: read + where }),
    chartFigure(chart("accuracy", "share that is right"), {
      caption:
        "Training pictures are changed at random and parts of the network switched off while it learns: its curve may lie below.",
    }),
  ];
}

function epochText({ loss, accuracy, validation }: TrainingEpoch): string {
  const score = (loss: number, accuracy: number) =>
    `a loss of ${loss.toFixed(3)} nats, ${percent(accuracy)} right`;
  const judged = validation === undefined
    ? ""
    : `; on the pictures that judged it, ${score(validation.loss, validation.accuracy)}`;
  return `The one epoch ended with ${score(loss, accuracy)} in training${judged}.`;
}
