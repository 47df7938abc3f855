/** Reading the part of a manifest that tells how far the model can be trusted. @module */
import type { CalibrationManifest } from "../evaluate/calibration.ts";
import type { MeasureScale, Rejection } from "../evaluate/rejection.ts";
import type { FieldChecks } from "./field_checks.ts";

/** Reads how logits become probabilities; `null` = not calibrated. */
export function parseCalibration(
  check: FieldChecks,
  value: unknown,
): CalibrationManifest | null {
  if (value === null) return null;
  const { temperature, ...told } = check.object("calibration", value);
  const known = { temperature: check.number("calibration.temperature", temperature, { above: 0 }) };
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
    const { median, edge } = check.object(`${path}.${name}`, fields[name]);
    const least = check.number(`${path}.${name}.median`, median);
    return {
      median: least,
      edge: check.number(`${path}.${name}.edge`, edge, { least }),
    };
  };
  const quantiles = check.list(`${path}.quantiles`, fields.quantiles).map((item, i) =>
    check.number(`${path}.quantiles[${i}]`, item)
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
