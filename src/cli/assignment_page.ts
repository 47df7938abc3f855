/** The lab's assignment as one page: each of its parts with its chart and figures. @module */

import { makeThumbnails } from "../audit/thumbnails.ts";
import type { AssignmentPhase } from "../classifier/assignment/assignment_report.ts";
import { compareTrainings } from "../classifier/assignment/comparison.ts";
import { decisions } from "../classifier/assignment/decisions.ts";
import type { PictureViews } from "../classifier/assignment/views.ts";
import { ImageDataset } from "../data/dataset.ts";
import { CONTACT_SHEET_STYLE, type ContactGroup, contactSheet } from "../report/contact_sheet.ts";
import { htmlPage, htmlTable, type Section } from "../report/html_page.ts";
import { lineChart } from "../report/line_chart.ts";
import { escapeMarkup } from "../report/markup.ts";
import { rateChart } from "../report/rate_chart.ts";
import {
  ACCURACY_HEADER,
  accuracyRows,
  type AssignmentResult,
  CLASS_HEADER,
  classRows,
  fileName,
  introduction,
  PARTS,
  rateText,
  trainingText,
  validationReadings,
  VIEWS_TEXT,
} from "./assignment_result.ts";

/** The file of the report. */
export const ASSIGNMENT_FILES = ["assignment.html"] as const;

const COST = "mean cost (nats)";

/** The report as a page. @param samples A few pictures with their views. */
export async function assignmentPage(
  result: AssignmentResult,
  samples: readonly PictureViews[],
): Promise<string> {
  const { assignment, weights } = result;
  const { extraction, fineTuning } = assignment;
  const part = (letter: keyof typeof PARTS, ...html: string[]): Section => ({
    heading: `${letter}. ${PARTS[letter]}`,
    html: html.join("\n"),
  });
  return htmlPage("The transfer learning lab: the assignment", [
    { html: paragraph(summary(result)) },
    part("A", paragraph(introduction(result)), htmlTable(CLASS_HEADER, classRows(assignment))),
    part("B", paragraph(VIEWS_TEXT), contactSheet(await viewGroups(samples))),
    part("C", ...trainingParts("Feature extraction", extraction)),
    part("D", htmlTable(ACCURACY_HEADER, accuracyRows(extraction))),
    part("E", ...trainingParts("Fine-tuning", fineTuning)),
    part(
      "F",
      htmlTable(ACCURACY_HEADER, accuracyRows(fineTuning)),
      paragraph(compareTrainings(assignment)),
    ),
    part(
      "G",
      validationChart("Feature extraction", extraction),
      validationChart("Fine-tuning", fineTuning),
      ...validationReadings(assignment).map(paragraph),
    ),
    { heading: "How it was done", html: decisionList(result) },
    {
      heading: "Weights",
      html: paragraph(
        `${fileName(weights.source)} (${weights.variant}), SHA-256 ${weights.sha256}`,
      ),
    },
  ], { style: CONTACT_SHEET_STYLE });
}

/** The two figures that matter. */
function summary(
  { source, assignment: { extraction, fineTuning, test } }: AssignmentResult,
): string {
  const share = ({ test }: AssignmentPhase) => test.accuracy.value.toFixed(3);
  return `${fileName(source)}: ${
    share(extraction)
  } of ${test.pictures} test pictures named rightly by feature extraction, ${
    share(fineTuning)
  } after fine-tuning.`;
}

/** Search for the rate, and the cost of each epoch. */
function trainingParts(name: string, phase: AssignmentPhase): string[] {
  const { rates, costs, learningRate } = phase;
  const search = rates === null || rates.rates.length < 2 ? [] : [rateChart({
    title: `${name}: search for the learning rate`,
    rates: rates.rates,
    smoothed: rates.smoothed,
    marks: { "falls fastest": rates.suggestion!.steepest, "taken": learningRate },
  })];
  return [
    paragraph(rateText(phase)),
    ...search,
    paragraph(trainingText(phase)),
    lineChart({
      title: `${name}: cost by epoch`,
      xLabel: "epoch",
      yLabel: COST,
      series: [{ name: "training, on views", values: costs }],
    }),
  ];
}

function validationChart(name: string, { costs, validationCosts }: AssignmentPhase): string {
  return lineChart({
    title: `${name}: cost of training and of validation`,
    xLabel: "epoch",
    yLabel: COST,
    series: [
      { name: "training, on views", values: costs },
      { name: "validation, on pictures as they are", values: validationCosts },
    ],
  });
}

/** A row for each picture: as it is, then its views. */
async function viewGroups(samples: readonly PictureViews[]): Promise<ContactGroup[]> {
  const images = samples.flatMap(({ original, views }) => [original, ...views]);
  const data = ImageDataset.fromImages(images);
  const thumbnails = await makeThumbnails(data, images.keys());
  let at = 0;
  return samples.map(({ name, label, views }) => ({
    caption: `${fileName(name)} (${label}), and as it is shown in epochs 1 to ${views.length}`,
    thumbnails: [`${name} as it is`, ...views.map((_, v) => `${name} in epoch ${v + 1}`)]
      .map((words) => ({ ...thumbnails.get(at++)!, name: words })),
  }));
}

function decisionList({ assignment }: AssignmentResult): string {
  const items = decisions(assignment).map(({ name, text }) =>
    `<li><strong>${escapeMarkup(name)}</strong>: ${escapeMarkup(text)}</li>`
  );
  return `<ul>\n${items.join("\n")}\n</ul>`;
}

function paragraph(text: string): string {
  return `<p>${escapeMarkup(text)}</p>`;
}
