/** Pictures of a report's page: the worst mistakes, others to compare with, labels that may be wrong. @module */

import type { Thumbnail } from "../../report/contact_sheet.ts";
import { type PictureCard, pictureCards } from "../../report/picture_cards.ts";
import type { LossRow } from "../interpretation.ts";
import type { ReportData, ReportPictures } from "./report_data.ts";
import { NO_DATA, whyNoFolds } from "./score_sections.ts";
import { paragraphs, type ReportSection } from "./section_parts.ts";
import { count, percent } from "./words.ts";

/** Suspects that are shown; the others are counted. */
const SUSPECTS = 12;

/** The pictures whose label surprises the model most. */
export function mistakeSection(data: ReportData): ReportSection {
  const { interpretation, model } = data;
  const heading = "The worst mistakes";
  if (interpretation === undefined) return model && { heading, absent: NO_DATA };
  const wrong = interpretation.topLosses.filter(({ label, predicted }) => label !== predicted);
  if (wrong.length === 0) {
    return { heading, html: paragraphs(["Every picture that was scored was named rightly."]) };
  }
  const withHeat = wrong.some(({ row }) => data.pictures?.heat.has(row));
  const withNeighbours = interpretation.neighbours.length > 0;
  return {
    heading,
    html: [
      paragraphs([
        "The pictures whose true class it holds for least likely, that one first." +
        (withHeat ? ` ${HEAT_TEXT}` : "") +
        (withNeighbours
          ? " Below, the training pictures that it finds most alike: where they bear the wrong answer, the mistake comes from there."
          : " Which training pictures they resemble is not shown: those are not among the data."),
      ]),
      pictureCards(wrong.map((row) => mistakeCard(row, data))),
    ].join("\n"),
  };
}

/** What the colours over a picture mean. */
const HEAT_TEXT =
  "The second picture shows where it looked: the lighter a part, the more it speaks for the answer that was given (Grad-CAM).";

/** A random sample, to hold the mistakes against. */
export function sampleSection(data: ReportData): ReportSection {
  const { interpretation, pictures, model } = data;
  const heading = "Where it looks otherwise";
  if (interpretation === undefined) return model && { heading, absent: NO_DATA };
  if (pictures === undefined || interpretation.random.length === 0) {
    return { heading, absent: "no other pictures were asked for" };
  }
  return {
    heading,
    html: [
      paragraphs([
        `${
          count(interpretation.random.length, "picture")
        } drawn at random, to hold the mistakes against. ${HEAT_TEXT}`,
      ]),
      pictureCards(interpretation.random.map((row) => ({
        pictures: picturesOf(row.row, pictures),
        headline: row.label === row.predicted
          ? interpretation.classes[row.label]
          : mistakeText(row, interpretation.classes),
        lines: row.label === row.predicted
          ? [`named rightly, with ${percent(row.predictedProbability)}`, row.name]
          : [probabilities(row, interpretation.classes), row.name],
      }))),
    ].join("\n"),
  };
}

/** Labels of the training data that are likely wrong. */
export function suspectSection(data: ReportData): ReportSection {
  const heading = "Labels that may be wrong";
  const { interpretation, pictures, model } = data;
  if (interpretation === undefined) return model && { heading, absent: NO_DATA };
  const { suspects, learningCurve, classes } = interpretation;
  if (suspects.length === 0) {
    return learningCurve === undefined
      ? { heading, absent: whyNoFolds(data) }
      : { heading, html: paragraphs(["None of the training labels looks wrong."]) };
  }
  const shown = suspects.slice(0, SUSPECTS);
  const more = suspects.length - shown.length;
  return {
    heading,
    html: [
      paragraphs([
        `${
          count(suspects.length, "training picture")
        } that heads trained on the others hold for another class, the surest first` +
        (more > 0 ? `; ${shown.length} are shown, graft inspect lists all.` : "."),
      ]),
      pictureCards(shown.map((suspect) => {
        const known = pictures?.training.get(suspect.row);
        return {
          pictures: known?.thumbnail === undefined ? [] : [known.thumbnail],
          headline: `${classes[suspect.given]}, or rather ${classes[suspect.suggested]}?`,
          lines: [
            `${percent(suspect.suggestedProbability)} for ${classes[suspect.suggested]}, ` +
            `${percent(suspect.givenProbability)} for its label`,
            known?.name ?? `training row ${suspect.row}`,
          ],
        };
      })),
    ].join("\n"),
  };
}

function mistakeCard(row: LossRow, { interpretation, pictures }: ReportData): PictureCard {
  const { classes, neighbours } = interpretation!;
  const nearest = neighbours.find((one) => one.row === row.row)?.nearest ?? [];
  const known = nearest.flatMap(({ row, distance }) => {
    const picture = pictures?.training.get(row);
    return picture?.thumbnail === undefined ? [] : [{
      thumbnail: picture.thumbnail,
      caption: `${classes[picture.label]} ${distance.toFixed(2)}`,
    }];
  });
  return {
    pictures: pictures === undefined ? [] : picturesOf(row.row, pictures),
    headline: mistakeText(row, classes),
    lines: [probabilities(row, classes), row.name],
    beside: known.length === 0
      ? undefined
      : { title: "most alike in training, with their distance", pictures: known },
  };
}

function mistakeText({ label, predicted }: LossRow, classes: readonly string[]): string {
  return `${classes[label]}, taken for ${classes[predicted]}`;
}

function probabilities(
  { predicted, label, predictedProbability, labelProbability }: LossRow,
  classes: readonly string[],
): string {
  return `${percent(predictedProbability)} for ${classes[predicted]}, ` +
    `${percent(labelProbability)} for ${classes[label]}`;
}

function picturesOf(row: number, { seen, heat }: ReportPictures): Thumbnail[] {
  return [seen.get(row), heat.get(row)].filter((picture) => picture !== undefined);
}
