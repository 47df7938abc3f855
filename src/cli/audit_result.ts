/** What `graft inspect` finds in data, in words and as JSON; as a page in audit_page.ts. @module */

import { count } from "../core/count.ts";
import type { FeatureAudit, NearDuplicate } from "../audit/audit_features.ts";
import type { LabelFindings } from "../audit/judge_labels.ts";
import type { DuplicateFinding, PictureAudit, Worries } from "../audit/audit_pictures.ts";
import { partSizes } from "../audit/part_of_row.ts";
import type { Spread } from "../audit/summarise.ts";
import type { SuspectLabel } from "../audit/wrong_labels.ts";
import { clip } from "../core/quoted.ts";
import { type Page, PLAIN_PAGE } from "./page.ts";
import { tableLines } from "./table.ts";

/** Everything that is told of one data set. */
export interface AuditResult {
  /** The data's path or address. */
  readonly source: string;
  /** What was found without a network. */
  readonly pictures: PictureAudit;
  /** What a network's features tell, where weights were given. */
  readonly features?: FeatureAudit;
  /** Which weights. */
  readonly weights?: {
    readonly source: string;
    readonly sha256: string;
    readonly variant: string;
  };
}

/** Findings of each kind that are printed; the rest is counted. */
const SHOWN = 10;

/** The findings for a terminal. */
export function auditText(result: AuditResult, page: Page = PLAIN_PAGE): string {
  const { pictures: { summary }, features } = result;
  return [
    `${result.source}: ${summaryLine(result)}`,
    ...summary.classes.length === 0
      ? []
      : ["", ...tableLines(CLASS_HEADER, classRows(result), { page })],
    "",
    ...factRows(result).map(([name, text]) => `${name.padEnd(FACT_WIDTH)}${text}`),
    ...listed("files left out", leftOut(result), (row) => row.join(": ")),
    ...listed(
      "equal pictures",
      result.pictures.duplicates,
      (one) => duplicateLine(one, result),
    ),
    ...features === undefined ? [] : [
      ...listed(
        `nearly equal pictures, within a cosine distance of ${features.maxDistance}`,
        features.nearDuplicates,
        (one) => pairLine(one, result),
      ),
      ...listed(
        "labels that are likely wrong, the surest first",
        features.labels?.suspects ?? [],
        (one) => suspectLine(one, result),
      ),
    ],
  ].join("\n");
}

/** The findings for programs: all of them, by the names of the pictures. */
export function auditJson(result: AuditResult): Record<string, unknown> {
  const { source, pictures, features, weights } = result;
  const { data, summary, colours, duplicates, parts } = pictures;
  const told = (row: number) => ({ index: row, name: data.name(row), label: labelOf(row, result) });
  return {
    kind: "data",
    source,
    ...summary,
    colours,
    skipped: data.skipped,
    passedOver: data.passedOver,
    notes: data.notes,
    split: parts === undefined ? null : partSizes(parts),
    splitUnlabelled: parts === undefined ? null : unlabelledInParts(result),
    duplicates: duplicates.map((one) => ({ ...one, rows: one.rows.map(told) })),
    nearDuplicates: features === undefined ? null : {
      maxDistance: features.maxDistance,
      pairs: features.nearDuplicates.map((pair) => ({
        ...pair,
        a: told(pair.a),
        b: told(pair.b),
      })),
    },
    labels: features?.labels === undefined ? null : {
      ...features.labels,
      suspects: features.labels.suspects.map((one) => ({
        ...told(one.row),
        suggested: data.classes[one.suggested],
        labelProbability: one.givenProbability,
        suggestedProbability: one.suggestedProbability,
      })),
    },
    notJudged: features?.notJudged ?? null,
    weights: weights ?? null,
  };
}

/** `150 pictures of 64 x 64, 2 classes`. */
export function summaryLine({ pictures: { summary } }: AuditResult): string {
  const { pictures, unlabelled, classes, height, width, sizes } = summary;
  const labels = unlabelled === pictures
    ? "no labels"
    : `${classes.length} ${classes.length === 1 ? "class" : "classes"}`;
  return [
    `${count(pictures, "picture")} of ${
      sizes === 1 ? `${height.min} x ${width.min}` : `${sizes} sizes`
    }`,
    labels,
    ...unlabelled > 0 && unlabelled < pictures ? [`${unlabelled} without a label`] : [],
  ].join(", ");
}

/** Head of the table of classes. */
export const CLASS_HEADER = ["class", "pictures", "share", "balanced weight"];

/** A row for each class. */
export function classRows({ pictures: { summary } }: AuditResult): (string | number)[][] {
  const { classes, counts, balancedWeights: weights } = summary;
  const labelled = counts.reduce((sum, n) => sum + n, 0);
  return classes.map((name, k) => [
    clip(name, 40),
    counts[k],
    `${(labelled === 0 ? 0 : 100 * counts[k] / labelled).toFixed(1)} %`,
    weights[k].toFixed(3),
  ]);
}

/** Width of the names of {@linkcode factRows}. */
const FACT_WIDTH = 13;

/** What can be said in a line, by its name. */
export function factRows(result: AuditResult): (readonly [name: string, text: string])[] {
  const { pictures: { data, summary, colours, duplicates, parts }, features } = result;
  const { height, width, aspect, sizes, imbalance } = summary;
  const facts: [string, string][] = [];
  if (sizes > 1) {
    facts.push(["sizes", `width ${range(width)}, height ${range(height)}`]);
    facts.push(["aspect", `width over height ${range(aspect, 2)}`]);
  }
  facts.push(["colours", Object.entries(colours).map(([name, n]) => `${n} ${name}`).join(", ")]);
  if (imbalance !== null && summary.classes.length > 1) {
    facts.push(["imbalance", imbalanceText(imbalance)]);
  }
  if (parts !== undefined) {
    const without = unlabelledInParts(result);
    const sizes = Object.entries(partSizes(parts)).map(([name, n]) => {
      const missing = without[name];
      const labels = missing === n
        ? " (no labels)"
        : missing > 0
        ? ` (${missing} without a label)`
        : "";
      return `${n} ${name}${labels}`;
    });
    facts.push(["split", sizes.join(", ")]);
  }
  if (data.skipped.length + data.passedOver > 0) {
    facts.push([
      "left out",
      `${count(data.skipped.length, "file")} that cannot be used; passed over ${data.passedOver} ` +
      "that are no pictures",
    ]);
  }
  const rows = duplicates.reduce((sum, one) => sum + one.rows.length, 0);
  facts.push([
    "duplicates",
    `${count(rows, "picture")} in ${count(duplicates.length, "group")} of equal ones${
      worrying(duplicates)
    }`,
  ]);
  if (features !== undefined) {
    const { nearDuplicates, labels, notJudged } = features;
    facts.push([
      "near ones",
      `${count(nearDuplicates.length, "pair")} of nearly equal pictures${worrying(nearDuplicates)}`,
    ]);
    facts.push(["labels", labels === undefined ? `not judged: ${notJudged}` : labelText(labels)]);
  }
  return facts;
}

/** Number of images without a label in each part of the split, by its name. */
function unlabelledInParts({ pictures: { data, parts } }: AuditResult): Record<string, number> {
  const missing = (part: number) =>
    data.labels.reduce(
      (sum, label, row) => sum + (label < 0 && parts!.of[row] === part ? 1 : 0),
      0,
    );
  return Object.fromEntries(parts!.names.map((name, part) => [name, missing(part)]));
}

/** Names of files that cannot be used, with the reasons. */
export function leftOut(result: AuditResult): (readonly [name: string, reason: string])[] {
  const { skipped } = result.pictures.data;
  return skipped.map(({ name, reason }) => [shortName(name, result), reason]);
}

/** What a picture is called; of a file in a folder that was given, its path within. */
export function nameOf(row: number, result: AuditResult): string {
  return shortName(result.pictures.data.name(row), result);
}

function shortName(name: string, { source }: AuditResult): string {
  const folder = `${source.replace(/[/\\]+$/, "")}/`;
  return name.startsWith(folder) ? name.slice(folder.length) : name;
}

/** Name of a picture's class, or `null`. */
export function labelOf(row: number, { pictures: { data } }: AuditResult): string | null {
  return data.labels[row] < 0 ? null : data.classes[data.labels[row]];
}

/** Name of a picture, with its class where it has one. */
export function pictureText(row: number, result: AuditResult): string {
  const label = labelOf(row, result);
  const name = clip(nameOf(row, result));
  return label === null ? name : `${name} (${clip(label, 40)})`;
}

/** `; different labels, across the split`, where something is worrying. */
export function worriesText({ labelsDiffer, acrossSplit }: Worries): string {
  const worries = [
    ...labelsDiffer ? ["different labels"] : [],
    ...acrossSplit ? ["on both sides of the split"] : [],
  ];
  return worries.length === 0 ? "" : `; ${worries.join(", ")}`;
}

/** What a suspect is labelled with and what it looks like. */
export function suspectText(one: SuspectLabel, { pictures: { data } }: AuditResult): string {
  const name = (index: number) => clip(data.classes[index], 40);
  return `labelled ${name(one.given)} (${one.givenProbability.toFixed(2)}), looks like ${
    name(one.suggested)
  } (${one.suggestedProbability.toFixed(2)})`;
}

function duplicateLine(one: DuplicateFinding, result: AuditResult): string {
  const shown = one.rows.slice(0, 4).map((row) => pictureText(row, result));
  const more = one.rows.length - shown.length;
  return `${shown.join(" = ")}${more > 0 ? ` = ${more} more` : ""}${worriesText(one)}`;
}

function pairLine(one: NearDuplicate, result: AuditResult): string {
  return `${one.distance.toFixed(4)}  ${pictureText(one.a, result)} ~ ${
    pictureText(one.b, result)
  }${worriesText(one)}`;
}

function suspectLine(one: SuspectLabel, result: AuditResult): string {
  return `${clip(nameOf(one.row, result))}: ${suspectText(one, result)}`;
}

/** A heading and the first few of a list; nothing where the list is empty. */
function listed<T>(heading: string, list: readonly T[], line: (one: T) => string): string[] {
  if (list.length === 0) return [];
  const more = list.length - SHOWN;
  return [
    "",
    `${heading}:`,
    ...list.slice(0, SHOWN).map((one) => `  ${clip(line(one), 400)}`),
    ...more > 0 ? [`  and ${more} more: --json lists all, --out FOLDER shows them`] : [],
  ];
}

function range({ min, median, max }: Spread, digits = 0): string {
  return min === max
    ? min.toFixed(digits)
    : `${min.toFixed(digits)} to ${max.toFixed(digits)} (median ${median.toFixed(digits)})`;
}

function imbalanceText(imbalance: number): string {
  return imbalance === 1
    ? "none: all classes have as many pictures"
    : `the largest class has ${imbalance.toFixed(1)} times the pictures of the smallest; ` +
      "--class-weights balanced makes all classes count alike in training";
}

function worrying(findings: readonly Worries[]): string {
  const labels = findings.filter(({ labelsDiffer }) => labelsDiffer).length;
  const across = findings.filter(({ acrossSplit }) => acrossSplit).length;
  return findings.length === 0
    ? ""
    : `; ${labels} with different labels, ${across} on both sides of the split`;
}

function labelText({ suspects, judged, agreement, folds }: LabelFindings): string {
  return `${suspects.length} of ${judged} likely wrong, by probes on ${folds} folds, ${
    (100 * agreement).toFixed(1)
  } % of whose answers agree`;
}
