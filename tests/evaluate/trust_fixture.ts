/** What scipy and numpy make of calibration and comparison: tests/fixtures/make_trust.py. */

/** Logits, and what is fitted on them. */
export interface CalibrationCase {
  name: string;
  classes: number;
  labels: number[];
  logits: number[];
  distances: number[];
  temperature: number;
  plainTemperature: number | null;
  eceBefore: number;
  eceAfter: number;
  scales: Record<"energy" | "distance", [median: number, edge: number]>;
  quantiles: number[];
}

/** Answers of two models. */
export interface ComparisonCase {
  name: string;
  labels: number[];
  a: number[];
  b: number[];
  both: number;
  onlyA: number;
  onlyB: number;
  neither: number;
  p: number;
  interval: [number, number];
}

/** All of it. */
export const fixture = JSON.parse(
  Deno.readTextFileSync(new URL("../fixtures/trust.json", import.meta.url)),
) as {
  calibration: CalibrationCase[];
  comparison: ComparisonCase[];
  mcnemar: [onlyA: number, onlyB: number, p: number][];
};
