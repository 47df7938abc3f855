/** A report for programs. @module */

import { VERSION } from "../../core/version.ts";
import type { ReportData } from "./report_data.ts";
import { cautions, leadText } from "./words.ts";

/**
 * Everything that a report tells but its pictures, as plain JSON values: what is not finite is `null`, arrays of numbers are lists.
 *
 * @example
 * ```ts
 * import { reportJson } from "./json.ts";
 * const run = { epochs: [], finished: true, steps: 3, settings: {}, graft: "0.1.0" };
 * const { name, model } = reportJson({ name: "run", run });
 * if (name !== "run" || model !== null) throw new Error(name as string);
 * ```
 */
export function reportJson(data: ReportData): Record<string, unknown> {
  const { name, model, run, interpretation } = data;
  return plain({
    graft: VERSION,
    name,
    summary: leadText(data),
    cautions: cautions(data),
    data: data.data ?? null,
    interpretation: interpretation ?? null,
    model: model ?? null,
    run: run ?? null,
  }) as Record<string, unknown>;
}

/** The same as JSON holds it. */
function plain(value: unknown): unknown {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (Array.isArray(value)) return value.map(plain);
  if (ArrayBuffer.isView(value)) return Array.from(value as Float32Array, plain);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.map(([key, item]) => [key, plain(item)]));
}
