/** Reading the part of a manifest that tells how far the model can be trusted. @module */
import type { CalibrationManifest } from "../evaluate/calibration.ts";
import type { MeasureScale, Rejection } from "../evaluate/rejection.ts";
import type { Bounds, FieldChecks } from "./field_checks.ts";

/** Far beyond what `fitTemperature` finds, 0.02 to 50; logits divided by it stay finite. */
const TEMPERATURE: Bounds = { least: 1e-6, most: 1e6 };
/** Energies and distances; a score is a quotient of such. */
const MEASURE: Bounds = { least: -1e18, most: 1e18 };
const LEAST_RANGE = 1e-12;

/** Reads how logits become probabilities; `null` = not calibrated. */
export function parseCalibration(
  check: FieldChecks,
  value: unknown,
): CalibrationManifest | null {
  if (value === null) return null;
  const { temperature, ...told } = check.object("calibration", value);
  const known = { temperature: check.number("calibration.temperature", temperature, TEMPERATURE) };
  // The layout allowed a temperature alone before there was more to tell.
  if (Object.keys(told).length === 0) {
    return { ...known, fittedOn: "unknown", rows: 0, rejection: null };
  }
  const share = (name: string) =>
    check.number(`calibration.${name}`, told[name], { least: 0, most: 1 });
  const fittedOn = check.oneOf("calibration.fittedOn", told.fittedOn, [
    "out-of-fold",
    "validation",
    "unknown",
  ]);
  const measured = fittedOn === "unknown"
    ? { rows: check.whole("calibration.rows", told.rows, 0) }
    : {
      rows: check.whole("calibration.rows", told.rows, 1),
      eceBefore: share("eceBefore"),
      eceAfter: share("eceAfter"),
    };
  return { ...known, fittedOn, ...measured, rejection: parseRejection(check, told.rejection) };
}

function parseRejection(check: FieldChecks, value: unknown): Rejection | null {
  if (value === null) return null;
  const path = "calibration.rejection";
  const fields = check.object(path, value);
  const score = check.oneOf(`${path}.score`, fields.score, ["energy", "energy and distance"]);
  const scale = (name: "energy" | "distance"): MeasureScale => {
    const at = `${path}.${name}`;
    const scale = check.object(at, fields[name]);
    const median = check.number(`${at}.median`, scale.median, MEASURE);
    const edge = check.number(`${at}.edge`, scale.edge, { ...MEASURE, least: median });
    if (edge > median && edge - median < LEAST_RANGE) {
      throw check.expected(
        `${at}.edge`,
        edge,
        `a number that is its median, or ${LEAST_RANGE} above`,
      );
    }
    return { median, edge };
  };
  const quantiles = check.list(`${path}.quantiles`, fields.quantiles).map((item, i) =>
    check.number(`${path}.quantiles[${i}]`, item, { least: 0, most: 1e30 })
  );
  if (quantiles.length < 2 || quantiles.some((item, i) => i > 0 && item < quantiles[i - 1])) {
    throw check.expected(`${path}.quantiles`, quantiles, "2 or more ascending numbers");
  }
  return {
    score,
    energy: scale("energy"),
    ...score === "energy and distance" && { distance: scale("distance") },
    quantiles,
  };
}
