/** Figures of a report's page: which class is taken for which, class by class, trust, more data, the map. @module */

import { chartFigure } from "../../report/chart_figure.ts";
import { classBars } from "../../report/class_bars.ts";
import { confusionTable } from "../../report/confusion_table.ts";
import { htmlTable } from "../../report/html_page.ts";
import { intervalChart } from "../../report/interval_chart.ts";
import { reliabilityDiagram } from "../../report/reliability_diagram.ts";
import { scatterMap } from "../../report/scatter_map.ts";
import type { FeatureMap } from "../interpretation.ts";
import type { ReportData } from "./report_data.ts";
import { paragraphs, type ReportSection, subheading } from "./section_parts.ts";
import { calibrationText, count, percent } from "./words.ts";

/** Classes up to which a matrix is drawn: beyond, nobody finds anything in it, and it weighs a megabyte. */
const MATRIX_CLASSES = 100;
/** Confused pairs that are listed. */
const PAIRS = 12;
/** Points of each part that the map shows: more only cover one another. */
const MAP_POINTS = 2000;

/** Why there are no figures. */
export const NO_DATA = "no labelled pictures were given; graft report <model> <data> shows it";

/** The confusion matrix and the commonest mix-ups. */
export function confusionSection({ interpretation, model }: ReportData): ReportSection {
  const heading = "Which class is taken for which";
  if (interpretation === undefined) return model && { heading, absent: NO_DATA };
  const { classes, evaluation: { confusion, accuracy }, mostConfused } = interpretation;
  const matrix = classes.length <= MATRIX_CLASSES
    ? confusionTable({ classes, counts: confusion, caption: `${count(accuracy.n, "picture")}.` })
    : paragraphs([
      `The matrix of ${classes.length} classes is left out: it is too large to be read. graft report --format json has it.`,
    ]);
  const pairs = mostConfused.slice(0, PAIRS).map((pair) => [
    classes[pair.truth],
    classes[pair.predicted],
    pair.count,
    percent(pair.share, 0),
  ]);
  return {
    heading,
    html: [
      matrix,
      ...pairs.length === 0 ? [paragraphs(["No picture was taken for another class."])] : [
        subheading("Most confused"),
        htmlTable(["this class", "was taken for", "times", "share of this class"], pairs, {
          names: 2,
        }),
      ],
    ].join("\n"),
  };
}

/** Precision, recall and F1 of each class. */
export function classSection({ interpretation, model }: ReportData): ReportSection {
  const heading = "Class by class";
  if (interpretation === undefined) return model && { heading, absent: NO_DATA };
  const { perClass, macroF1, weightedF1, logLoss } = interpretation.evaluation;
  const rows = perClass.map(({ name, precision, recall, f1, support }) => ({
    ...{ name, shares: [precision, recall, f1], count: support },
  }));
  return {
    heading,
    html: [
      classBars({
        header: ["precision", "recall", "F1"],
        rows,
        caption:
          "Precision: how many of the pictures that were called so are it. Recall: how many of its pictures were found. F1: their harmonic mean.",
      }),
      paragraphs([
        `Mean F1 ${macroF1.toFixed(3)}, weighted by pictures ${weightedF1.toFixed(3)}; log loss ${
          logLoss.toFixed(3)
        } nats.`,
      ]),
    ].join("\n"),
  };
}

/** Reliability, temperature and what is turned away. */
export function trustSection({ interpretation, model }: ReportData): ReportSection {
  const heading = "Can its probabilities be believed?";
  const told = model === undefined ? [] : calibrationText(model.calibration);
  if (interpretation === undefined) {
    return model && { heading, html: paragraphs([...told, `A diagram is not here: ${NO_DATA}.`]) };
  }
  const { reliability: { ece, bins }, evaluation: { accuracy } } = interpretation;
  return {
    heading,
    html: [
      paragraphs([
        `On the ${
          count(accuracy.n, "picture")
        } seen here, what it says and what comes true differ by ${
          percent(ece)
        } on average (the expected calibration error, ${
          ece.toFixed(3)
        }, over ${bins.length} bins of equal width)` +
        (accuracy.n < FEW ? "; from so few pictures, chance alone makes a part of that." : "."),
        ...told,
      ]),
      chartFigure(reliabilityDiagram({ title: "Said and come true", bins }), {
        narrow: true,
        caption:
          "On the dashed line probabilities mean what they say; below it the model is too sure of itself. Whiskers are 95 % intervals, bars count the answers.",
      }),
    ].join("\n"),
  };
}

/** Pictures below which a calibration error is mostly noise: some thirty in each of the upper bins. */
const FEW = 300;

/** The learning curve. */
export function moreDataSection(data: ReportData): ReportSection {
  const heading = "Would more data help?";
  const { interpretation, model } = data;
  if (interpretation === undefined) return model && { heading, absent: NO_DATA };
  const { learningCurve, moreData } = interpretation;
  if (learningCurve === undefined || learningCurve.length === 0) {
    return { heading, absent: whyNoFolds(data) };
  }
  const points = learningCurve.map(({ rows, accuracy: { value, low, high } }) => ({
    ...{ x: rows, value, low, high },
  }));
  return {
    heading,
    html: [
      paragraphs([
        moreData?.text ??
          "The curve is too short or too flat to tell what more pictures would bring.",
      ]),
      chartFigure(
        intervalChart({
          title: "Accuracy by number of training pictures",
          xLabel: "pictures trained on",
          yLabel: "accuracy",
          points,
        }),
        {
          caption:
            "Heads trained on parts of the training pictures, scored on pictures kept apart. Each doubling is the same step to the right; whiskers are 95 % intervals.",
        },
      ),
    ].join("\n"),
  };
}

/** Why nothing was learnt from parts of the training pictures. */
export function whyNoFolds({ data, model }: ReportData): string {
  if (data === undefined || data.trained === 0) {
    return "the pictures that it was trained on are not among the data";
  }
  return model?.head.kind === "finetuned"
    ? "its trunk was fine-tuned on all of the training pictures, so that heads on parts of them would tell nothing"
    : "there are too few training pictures";
}

/** The features on a plane. */
export function mapSection({ interpretation, model }: ReportData): ReportSection {
  const heading = "A map of the pictures";
  if (interpretation === undefined) return model && { heading, absent: NO_DATA };
  const { map, classes, topLosses } = interpretation;
  if (map === undefined) return { heading, absent: "no map was asked for" };
  const wrong = new Set(
    topLosses.filter(({ label, predicted }) => label !== predicted).map(({ row }) => row),
  );
  const shown = thinned(map, wrong);
  const pick = <T>(of: ArrayLike<T>) => shown.map((point) => of[point]);
  const [part, rows] = [pick(map.part), pick(map.rows)];
  const ringed = [...shown.keys()].filter((i) => part[i] === "test" && wrong.has(rows[i]));
  const explained = map.explained === undefined
    ? ""
    : ` The plane shows ${percent(map.explained, 0)} of how they differ.`;
  const left = map.part.length - shown.length;
  return {
    heading,
    html: chartFigure(
      scatterMap({
        title: "Pictures by what the network sees in them",
        classes,
        x: pick(map.x),
        y: pick(map.y),
        labels: pick(map.labels),
        isFaint: (point) => part[point] === "train",
        ringed,
      }),
      {
        caption:
          `Pictures that the network finds alike lie together (${map.method}).${explained} Faint: trained on. Ringed: the worst mistakes.` +
          (left > 0
            ? ` ${count(left, "picture")} are not drawn, so that the others can be told apart.`
            : "") +
          " Classes that run into one another are those that are confused.",
      },
    ),
  };
}

/** Points that are drawn: of each part as many as can be told apart, at even distances, and every mistake that is ringed. */
function thinned({ part, rows }: FeatureMap, ringed: ReadonlySet<number>): number[] {
  const points = [...part.keys()];
  const kept = (["train", "test"] as const).flatMap((name) => {
    const own = points.filter((point) => part[point] === name);
    const every = Math.max(1, Math.ceil(own.length / MAP_POINTS));
    return own.filter((point, i) => i % every === 0 || name === "test" && ringed.has(rows[point]));
  });
  return kept.sort((a, b) => a - b);
}
