/** The forms that a report comes in. @module */

import { reportJson } from "../insight/report/json.ts";
import { reportMarkdown } from "../insight/report/markdown.ts";
import { reportPage } from "../insight/report/page.ts";
import type { ReportData } from "../insight/report/report_data.ts";

/** Every form, the usual one first. */
export const REPORT_FORMATS = ["html", "json", "md"] as const;

/** A form of report. */
export type ReportFormat = typeof REPORT_FORMATS[number];

/** The form that a file's name asks for. */
export function formatOf(path: string): ReportFormat {
  return REPORT_FORMATS.find((format) => path.toLowerCase().endsWith(`.${format}`)) ?? "html";
}

/** A report as the text of its file. */
export function reportText(data: ReportData, format: ReportFormat): string {
  if (format === "md") return reportMarkdown(data);
  return format === "json" ? `${JSON.stringify(reportJson(data))}\n` : reportPage(data);
}
