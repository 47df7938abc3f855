/** The forms that a report comes in. @module */

import { UsageError } from "../core/errors.ts";
import { reportJson } from "../insight/report/json.ts";
import { reportMarkdown } from "../insight/report/markdown.ts";
import { reportPage } from "../insight/report/page.ts";
import type { ReportData } from "../insight/report/report_data.ts";

/** Every form, the usual one first. */
export const REPORT_FORMATS = ["html", "json", "md"] as const;

/** A form of report. */
export type ReportFormat = typeof REPORT_FORMATS[number];

/**
 * The form that a file's name asks for; a page where it has no ending.
 *
 * @throws {UsageError} For an ending of something else.
 */
export function formatOf(path: string): ReportFormat {
  const ending = /\.([^./\\]+)$/.exec(path)?.[1].toLowerCase() ?? "html";
  const format = ending === "htm" ? "html" : REPORT_FORMATS.find((known) => known === ending);
  if (format !== undefined) return format;
  throw new UsageError(`a report is .html, .json or .md, got ${path}; name it so, or say --format`);
}

/** A report as the text of its file. */
export function reportText(data: ReportData, format: ReportFormat): string {
  if (format === "md") return reportMarkdown(data);
  return format === "json" ? `${JSON.stringify(reportJson(data))}\n` : reportPage(data);
}
