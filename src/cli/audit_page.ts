/** What `graft inspect` finds in data, as a page with the pictures in it. @module */

import { count } from "../core/count.ts";
import type { ContactGroup, Thumbnail } from "../report/contact_sheet.ts";
import { CONTACT_SHEET_STYLE, contactSheet } from "../report/contact_sheet.ts";
import { htmlPage, htmlTable, type Section } from "../report/html_page.ts";
import { escapeMarkup } from "../report/markup.ts";
import {
  type AuditResult,
  CLASS_HEADER,
  classRows,
  factRows,
  leftOut,
  nameOf,
  pictureText,
  summaryLine,
  suspectText,
  worriesText,
} from "./audit_result.ts";

/** The file of the report. */
export const AUDIT_FILES = ["audit.html"] as const;

/** Pictures of each class that are shown; fewer where there are many classes. */
const PER_CLASS = 12;
const CLASS_PICTURES = 1200;
/** Findings of each kind that are shown, and pictures of each group of equal ones: a browser has to hold them all. */
const MOST_FINDINGS = 1000;
const MOST_EQUAL = 12;

/** What is shown in one part of the page. */
interface Sheet {
  readonly heading: string;
  /** What stands above the pictures, as text. */
  readonly text: string;
  readonly groups: readonly { readonly rows: readonly number[]; readonly caption: string }[];
}

/** The parts of the page that show pictures, in order. */
export function auditSheets(result: AuditResult): Sheet[] {
  return [
    ...duplicateSheet(result),
    ...result.features === undefined ? [] : [...nearSheet(result), ...labelSheet(result)],
    ...classSheet(result),
  ];
}

/**
 * The findings as one page.
 *
 * @param thumbnails Of every picture that {@linkcode auditSheets} names.
 */
export function auditPage(
  result: AuditResult,
  sheets: readonly Sheet[],
  thumbnails: ReadonlyMap<number, Thumbnail>,
): string {
  const { source, pictures: { data, summary }, weights } = result;
  const name = source.split(/[\\/]/).at(-1) || source; // where it lay is nobody's business
  const paragraph = (text: string) => `<p>${escapeMarkup(text)}</p>`;
  const sections: Section[] = [
    { html: paragraph(`${name}: ${summaryLine(result)}.`) },
    { heading: "At a glance", html: htmlTable(["what", "found"], factRows(result)) },
    ...summary.classes.length === 0
      ? []
      : [{ heading: "Classes", html: htmlTable(CLASS_HEADER, classRows(result)) }],
    ...data.skipped.length === 0 ? [] : [{
      heading: "Files left out",
      html: htmlTable(["file", "reason"], leftOut(result)),
    }],
    ...sheets.map(({ heading, text, groups }) => ({
      heading,
      html: `${paragraph(text)}\n${
        contactSheet(groups.map((group): ContactGroup => ({
          caption: group.caption,
          thumbnails: group.rows.map((row) => ({
            ...thumbnails.get(row)!,
            name: nameOf(row, result),
          })),
        })))
      }`,
    })),
    ...weights === undefined ? [] : [{
      heading: "Weights",
      html: paragraph(
        `${weights.source.split(/[\\/]/).at(-1)} (${weights.variant}), SHA-256 ${weights.sha256}`,
      ),
    }],
  ];
  return htmlPage(`A look at ${name}`, sections, { style: CONTACT_SHEET_STYLE });
}

function duplicateSheet(result: AuditResult): Sheet[] {
  const { duplicates } = result.pictures;
  if (duplicates.length === 0) return [];
  return [{
    heading: "Equal pictures",
    text: `Pictures that are the same, byte for byte: ${firstOf(duplicates, "group")}.`,
    groups: duplicates.slice(0, MOST_FINDINGS).map((one) => {
      const shown = one.rows.slice(0, MOST_EQUAL);
      const names = shown.map((row) => pictureText(row, result));
      const more = one.rows.length - shown.length;
      return {
        rows: shown,
        caption: `${names.join("\n")}${more > 0 ? `\nand ${more} more` : ""}${worriesText(one)}`,
      };
    }),
  }];
}

function nearSheet(result: AuditResult): Sheet[] {
  const { nearDuplicates, maxDistance } = result.features!;
  if (nearDuplicates.length === 0) return [];
  return [{
    heading: "Nearly equal pictures",
    text:
      `Pairs that the network tells apart by a cosine distance of ${maxDistance} or less, the nearest first: ` +
      `${firstOf(nearDuplicates, "pair")}.`,
    groups: nearDuplicates.slice(0, MOST_FINDINGS).map((one) => ({
      rows: [one.a, one.b],
      caption: `${pictureText(one.a, result)}\n${pictureText(one.b, result)}\n` +
        `distance ${one.distance.toFixed(4)}${worriesText(one)}`,
    })),
  }];
}

function labelSheet(result: AuditResult): Sheet[] {
  const suspects = result.features!.labels?.suspects ?? [];
  if (suspects.length === 0) return [];
  return [{
    heading: "Labels that are likely wrong",
    text:
      "Pictures that probes, trained on the other pictures, hold for another class, the surest first: " +
      `${firstOf(suspects, "picture")}. Probabilities stand in brackets.`,
    groups: suspects.slice(0, MOST_FINDINGS).map((one) => ({
      rows: [one.row],
      caption: `${nameOf(one.row, result)}\n${suspectText(one, result)}`,
    })),
  }];
}

/** A few pictures of each class, from its first to its last. */
function classSheet(result: AuditResult): Sheet[] {
  const { data, summary } = result.pictures;
  const rows = Array.from(data.labels.keys());
  const kinds = data.classes.map((name, k) => ({
    name,
    rows: rows.filter((row) => data.labels[row] === k),
  }));
  if (summary.unlabelled > 0) {
    kinds.push({ name: "without a label", rows: rows.filter((row) => data.labels[row] < 0) });
  }
  const each = Math.max(1, Math.min(PER_CLASS, Math.floor(CLASS_PICTURES / kinds.length)));
  return [{
    heading: "Pictures of each class",
    text: `Up to ${count(each, "picture")} of each, spread over the class.`,
    groups: kinds.filter((kind) => kind.rows.length > 0).map((kind) => ({
      rows: spreadOver(kind.rows, each),
      caption: `${kind.name}: ${count(kind.rows.length, "picture")}`,
    })),
  }];
}

/** At most so many of a list, at even distances, the first among them. */
function spreadOver<T>(list: readonly T[], most: number): T[] {
  const shown = Math.min(list.length, most);
  return Array.from({ length: shown }, (_, i) => list[Math.floor(i * list.length / shown)]);
}

function firstOf(list: readonly unknown[], thing: string): string {
  return list.length <= MOST_FINDINGS
    ? `${count(list.length, thing)} in all`
    : `the first ${MOST_FINDINGS} of ${list.length} ${thing}s; --json lists all`;
}
