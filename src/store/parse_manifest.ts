/** Reading a manifest: every field is checked before anything uses it. @module */
import { listKnown } from "../core/errors.ts";
import type { Preprocessing } from "../core/preprocessing.ts";
import { LAST_STAGE, MAX_INPUT_SIZE, MIN_INPUT_SIZE } from "../model/stages.ts";
import { type Fingerprints, MAX_FINGERPRINTS } from "../data/fingerprints.ts";
import { clip } from "../core/quoted.ts";
import { WEIGHT_DTYPES } from "../weights/quantise.ts";
import { isVariant, VARIANTS } from "../weights/variants.ts";
import { type Bounds, FieldChecks, type Fields } from "./field_checks.ts";
import { type Manifest, MANIFEST_FORMAT, type MetricsManifest } from "./manifest.ts";
import { parseCalibration } from "./parse_calibration.ts";
import { parseTraining } from "./training_manifest.ts";

/** Deviations of pixels from 0 to 1; and what a shorter side may be to the crop within it, of which 8 / 7 is usual. */
const STD: Bounds = { least: 1e-6, most: 1000 };
const MAX_RESIZE = 8;

/**
 * Parses the `graft` entry of a file's metadata.
 *
 * Fields that this version does not know are ignored: a format stays readable as long as its number stays.
 *
 * @param text The JSON; `undefined` when the file has no such entry.
 * @param name What messages call the file.
 * @throws {UserError} When the file is no model, was made by a newer version, or a field is absent or not what it should be.
 */
export function parseManifest(text: string | undefined, name: string): Manifest {
  const check = new FieldChecks(name);
  if (text === undefined) {
    throw check.fail(
      "it has no graft manifest, so it is no saved model; give a checkpoint as the weights (--weights)",
    );
  }
  const fields = check.object("manifest", check.parse(text, "its manifest is"));
  checkFormat(check, fields);
  const variant = fields.variant;
  if (!isVariant(variant)) {
    throw check.expected("variant", variant, listKnown(Object.keys(VARIANTS)));
  }
  const head = check.object("head", fields.head);
  const build = check.object("build", fields.build);
  return {
    format: MANIFEST_FORMAT,
    graft: check.text("graft", fields.graft),
    classes: parseClasses(check, fields.classes),
    backbone: check.oneOf("backbone", fields.backbone, ["efficientnet_b0"]),
    variant,
    preprocessing: parsePreprocessing(check, fields.preprocessing),
    imageSize: check.whole("imageSize", fields.imageSize, MIN_INPUT_SIZE, MAX_INPUT_SIZE),
    fit: check.oneOf("fit", fields.fit, ["whole", "crop"]),
    stages: parseStages(check, fields.stages),
    head: {
      kind: check.oneOf("head.kind", head.kind, ["probe", "linear", "finetuned"]),
      columns: check.whole("head.columns", head.columns, 1),
      standardised: check.flag("head.standardised", head.standardised),
      details: parseDetails(check, head.details),
    },
    calibration: parseCalibration(check, fields.calibration),
    weightsSha256: check.sha256("weightsSha256", fields.weightsSha256),
    weightsSource: check.text("weightsSource", fields.weightsSource),
    trunk: check.oneOf("trunk", fields.trunk, ["included", "absent"]),
    dtype: check.oneOf("dtype", fields.dtype ?? "f32", WEIGHT_DTYPES),
    tensorsSha256: check.sha256("tensorsSha256", fields.tensorsSha256),
    split: parseSplit(check, fields.split),
    metrics: parseMetrics(check, fields.metrics),
    training: parseTraining(check, fields.training),
    seed: check.whole("seed", fields.seed, 0),
    build: {
      threads: check.whole("build.threads", build.threads, 1),
      fma: check.flag("build.fma", build.fma),
    },
  };
}

function checkFormat(check: FieldChecks, fields: Fields): void {
  const format = check.whole("format", fields.format, 1);
  if (format <= MANIFEST_FORMAT) return;
  throw check.fail(
    `it was saved by a newer graft (${
      clip(String(fields.graft), 20)
    }, format ${format}), this one reads format ${MANIFEST_FORMAT}; update graft`,
  );
}

function parseClasses(check: FieldChecks, value: unknown): string[] {
  const classes = check.list("classes", value).map((item, i) => check.text(`classes[${i}]`, item));
  if (classes.length < 2 || new Set(classes).size < classes.length) {
    throw check.expected("classes", value, "2 or more different names");
  }
  return classes;
}

function parseStages(check: FieldChecks, value: unknown): number[] {
  const stages = check.list("stages", value).map((stage, i) =>
    check.whole(`stages[${i}]`, stage, 1)
  );
  const ascends = stages.every((stage, i) => i === 0 || stage > stages[i - 1]);
  if (stages.length === 0 || !ascends || stages[stages.length - 1] > LAST_STAGE) {
    throw check.expected("stages", value, `ascending numbers from 1 to ${LAST_STAGE}`);
  }
  return stages;
}

function parsePreprocessing(check: FieldChecks, value: unknown): Preprocessing {
  const fields = check.object("preprocessing", value);
  const channels = (name: "mean" | "std", bounds: Bounds): [number, number, number] => {
    const path = `preprocessing.${name}`;
    const list = check.list(path, fields[name]);
    if (list.length !== 3) throw check.expected(path, list, "3 numbers");
    const [r, g, b] = list.map((item, i) => check.number(`${path}[${i}]`, item, bounds));
    return [r, g, b];
  };
  const cropSize = check.whole("preprocessing.cropSize", fields.cropSize, 1, MAX_INPUT_SIZE);
  return {
    mean: channels("mean", { least: 0, most: 1 }), // of pixels from 0 to 1
    std: channels("std", STD),
    resizeSize: check.whole(
      "preprocessing.resizeSize",
      fields.resizeSize,
      cropSize,
      MAX_RESIZE * cropSize,
    ),
    cropSize,
    interpolation: check.oneOf("preprocessing.interpolation", fields.interpolation, [
      "bicubic",
      "bilinear",
    ]),
  };
}

function parseDetails(check: FieldChecks, value: unknown): Record<string, number | string> {
  const details = check.object("head.details", value);
  for (const [key, item] of Object.entries(details)) {
    if (!Number.isFinite(item) && typeof item !== "string") {
      throw check.expected(`head.details.${clip(key, 40)}`, item, "a number or text");
    }
  }
  return { ...details } as Record<string, number | string>;
}

function parseSplit(check: FieldChecks, value: unknown): Manifest["split"] {
  if (value === null) return null;
  const split = check.object("split", value);
  return {
    testSize: check.number("split.testSize", split.testSize, { least: 0 }),
    randomState: check.whole("split.randomState", split.randomState, 0),
    stratify: check.flag("split.stratify", split.stratify),
    train: check.whole("split.train", split.train, 1),
    test: check.whole("split.test", split.test, 0),
    ...split.dataSha256 !== undefined && {
      dataSha256: check.sha256("split.dataSha256", split.dataSha256),
    },
    ...split.trainedOn !== undefined && { trainedOn: parseFingerprints(check, split.trainedOn) },
  };
}

function parseFingerprints(check: FieldChecks, value: unknown): Fingerprints {
  const fields = check.object("split.trainedOn", value);
  const images = check.whole("split.trainedOn.images", fields.images, 1);
  const hashes = check.text("split.trainedOn.hashes", fields.hashes);
  // 8 bytes each; checked before they are decoded, when data are scored.
  const isBase64 = /^[A-Za-z0-9+/]+={0,2}$/.test(hashes) && hashes.length % 4 === 0;
  if (isBase64 && hashes.length <= 4 * Math.ceil(8 * MAX_FINGERPRINTS / 3)) {
    return { images, hashes };
  }
  throw check.expected("split.trainedOn.hashes", hashes, "base64 of at most 64 KiB");
}

function parseMetrics(check: FieldChecks, value: unknown): MetricsManifest | null {
  if (value === null) return null;
  const metrics = check.object("metrics", value);
  const accuracy = check.object("metrics.accuracy", metrics.accuracy);
  const share = (path: string, item: unknown) =>
    check.number(`metrics.${path}`, item, { least: 0, most: 1 });
  return {
    accuracy: {
      value: share("accuracy.value", accuracy.value),
      low: share("accuracy.low", accuracy.low),
      high: share("accuracy.high", accuracy.high),
      n: check.whole("metrics.accuracy.n", accuracy.n, 1),
    },
    logLoss: check.number("metrics.logLoss", metrics.logLoss, { least: 0 }),
    macroF1: share("macroF1", metrics.macroF1),
    majority: share("majority", metrics.majority),
  };
}
