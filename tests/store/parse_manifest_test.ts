import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import { fingerprintsOf } from "../../src/data/fingerprints.ts";
import { encodeModel } from "../../src/store/bundle.ts";
import { parseManifest } from "../../src/store/parse_manifest.ts";
import { readSafetensors } from "../../src/weights/safetensors.ts";
import { model } from "./models.ts";

const good = JSON.parse(readSafetensors(await encodeModel(model)).metadata.graft);

/** The good manifest with the field at a dotted path set; `undefined` removes it. */
function withField(path: string, value: unknown): string {
  const copy = structuredClone(good);
  const keys = path.split(".");
  const last = keys.pop()!;
  const parent = keys.reduce((fields, key) => fields[key], copy);
  parent[last] = value;
  return JSON.stringify(copy);
}

const calibrated = {
  temperature: 1.5,
  fittedOn: "out-of-fold",
  rows: 90,
  eceBefore: 0.08,
  eceAfter: 0.03,
  rejection: {
    score: "energy and distance",
    energy: { median: -4, edge: -2.5 },
    distance: { median: 1, edge: 1.5 },
    quantiles: [0, 0.5, 0.5, 3],
  },
};
/** With some fields of its rejection replaced. */
const rejecting = (fields: Record<string, unknown>) => ({
  ...calibrated,
  rejection: { ...calibrated.rejection, ...fields },
});

const refuses = (text: string | undefined, pattern: RegExp) =>
  assert.throws(
    () => parseManifest(text, "m.safetensors"),
    (error) =>
      error instanceof UserError && pattern.test(error.message) &&
      error.message.startsWith("Cannot load model m.safetensors: ") &&
      !error.message.includes("\n"),
  );

Deno.test("a manifest is read as it was written", () => {
  assert.deepEqual(parseManifest(JSON.stringify(good), "m"), good);
});

Deno.test("fields that a later version of the same format adds are ignored", () => {
  assert.deepEqual(parseManifest(withField("later", { a: 1 }), "m"), good);
});

Deno.test("fingerprints of the images trained on are read, absent in older files, bounded in any", () => {
  const trainedOn = fingerprintsOf(["00".repeat(32), "ff".repeat(32)]);
  const split = { testSize: 0.1, randomState: 5, stratify: false, train: 2, test: 0 };
  assert.deepEqual(parseManifest(withField("split", { ...split, trainedOn }), "m").split, {
    ...split,
    trainedOn,
  });
  assert.deepEqual(parseManifest(withField("split", split), "m").split, split);
  for (const hashes of ["A".repeat(4 * 22_000), "<b>!", 7, ""]) {
    const wrong = { ...split, trainedOn: { images: 2, hashes } };
    refuses(withField("split", wrong), /split\.trainedOn\.hashes in its manifest is .{0,80}, exp/);
  }
});

Deno.test("a calibrated model and one without split and metrics are read", () => {
  const { distance: _, ...ofEnergy } = calibrated.rejection;
  const others = [null, { ...ofEnergy, score: "energy" }];
  for (const given of [calibrated, ...others.map((rejection) => ({ ...calibrated, rejection }))]) {
    assert.deepEqual(parseManifest(withField("calibration", given), "m").calibration, given);
  }
  assert.equal(parseManifest(withField("split", null), "m").split, null);
  assert.equal(parseManifest(withField("metrics", null), "m").metrics, null);
  const all = { testSize: 0, randomState: 5, stratify: false, train: 100, test: 0 };
  assert.deepEqual(parseManifest(withField("split", all), "m").split, all);
});

Deno.test("a temperature alone, as the layout once had it, is read as one of which no more is known", () => {
  const known = { temperature: 1.5, fittedOn: "unknown", rows: 0, rejection: null };
  const { calibration } = parseManifest(withField("calibration", { temperature: 1.5 }), "m");
  assert.deepEqual(calibration, known);
  // Kept again, it is read again.
  assert.deepEqual(parseManifest(withField("calibration", known), "m").calibration, known);
});

Deno.test("a model from before weights could be rounded has them as they are", () => {
  assert.equal(parseManifest(withField("dtype", undefined), "m").dtype, "f32");
});

Deno.test("a model of a newer graft is refused by name and format", () => {
  const copy = { format: 2, graft: "9.1.0", anything: [] };
  refuses(
    JSON.stringify(copy),
    /newer graft \(9\.1\.0, format 2\), this one reads format 1; update/,
  );
});

Deno.test("files without a manifest or with one that is no JSON object are refused", () => {
  refuses(undefined, /no graft manifest/);
  refuses("{", /not usable JSON/);
  refuses("[1]", /manifest in its manifest is \[1\], expected an object/);
});

Deno.test("every field is required and checked", () => {
  const wrong: [string, unknown, RegExp][] = [
    ["format", "1", /format in its manifest is "1", expected a whole number from 1/],
    ["variant", "keras", /variant in its manifest is "keras", expected "torchvision" or "google"/],
    ["backbone", "resnet", /backbone .* expected "efficientnet_b0"/],
    ["classes", ["a", "a"], /classes .* 2 or more different names/],
    ["classes", ["a", 1], /classes\[1\] .* expected text/],
    ["stages", [8, 4], /stages .* ascending numbers from 1 to 8/],
    ["stages", [4, 9], /stages .* ascending/],
    ["stages", [], /stages .* ascending/],
    ["imageSize", 20, /imageSize .* whole number from 28/],
    ["preprocessing.std", [1, 0, 1], /preprocessing\.std\[1\] .* a number from 0\.000001 to 1000/],
    // Numbers of which features, logits or scores would be infinite, or memory without end.
    ["preprocessing.std", [1, 1, 1e-308], /preprocessing\.std\[2\] in its manifest is 1e-308/],
    ["preprocessing.mean", [1e308, 0, 0], /mean\[0\] .* a number from 0 to 1/],
    ["preprocessing.mean", [0, -0.1, 0], /mean\[1\] .* a number from 0 to 1/],
    ["preprocessing.resizeSize", 1e9, /resizeSize .* a whole number from 224 to 1792/],
    ["preprocessing.cropSize", 1e9, /cropSize .* a whole number from 1 to 1024/],
    ["imageSize", 1e6, /imageSize .* whole number from 28 to 1024/],
    ["calibration", { temperature: 1e-308 }, /calibration\.temperature in its manifest is 1e-308/],
    ["calibration", rejecting({ energy: { median: 0, edge: 1e-300 } }), /edge .* 1e-12 above/],
    ["calibration", rejecting({ energy: { median: -1e300, edge: 1 } }), /median .* from -1000/],
    ["calibration", rejecting({ quantiles: [0, 1e300] }), /quantiles\[1\] .* to 1e\+30/],
    ["preprocessing.mean", [1, 0], /preprocessing\.mean .* 3 numbers/],
    ["preprocessing.interpolation", "nearest", /interpolation .* "bicubic" or "bilinear"/],
    ["head.kind", "tree", /head\.kind .* "probe", "linear" or "finetuned"/],
    ["head.columns", 0, /head\.columns .* whole number from 1/],
    ["head.details.a", [], /head\.details\.a .* a number or text/],
    [
      "calibration",
      { temperature: 0 },
      /calibration\.temperature .* a number from 0\.000001 to 1000000/,
    ],
    ["calibration", { temperature: 1, rows: 4 }, /calibration\.fittedOn .* "out-of-fold", "valid/],
    ["calibration", { ...calibrated, rows: 0 }, /calibration\.rows .* whole number from 1/],
    ["calibration", { ...calibrated, eceAfter: 2 }, /eceAfter .* from 0 to 1/],
    ["calibration", { ...calibrated, rejection: undefined }, /rejection .* is absent/],
    ["calibration", rejecting({ quantiles: [2, 1] }), /quantiles .* 2 or more ascending numbers/],
    ["calibration", rejecting({ quantiles: [0, null] }), /quantiles\[1\] .* a number/],
    ["calibration", rejecting({ score: "luck" }), /score .* "energy" or "energy and distance"/],
    ["calibration", rejecting({ distance: undefined }), /rejection\.distance .* is absent/],
    ["calibration", rejecting({ energy: { median: 2, edge: 1 } }), /energy\.edge .* from 2/],
    ["weightsSha256", "abc", /weightsSha256 .* 64 hex digits/],
    ["dtype", "int4", /dtype in its manifest is "int4", expected "f32", "f16" or "int8"/],
    ["trunk", true, /trunk .* "included" or "absent"/],
    ["split.train", 0.5, /split\.train .* whole number from 1/],
    ["metrics.accuracy.value", 1.5, /metrics\.accuracy\.value .* a number from 0 to 1/],
    ["metrics.logLoss", -1, /metrics\.logLoss .* a number from 0/],
    ["build.fma", 1, /build\.fma .* true or false/],
  ];
  for (const [path, value, pattern] of wrong) refuses(withField(path, value), pattern);
  // Files from before there were these have neither.
  const added = ["training", "dtype"];
  for (const key of Object.keys(good).filter((name) => !added.includes(name))) {
    refuses(withField(key, undefined), new RegExp(`${key} in its manifest is absent`));
  }
});

Deno.test("numbers that JSON reads as infinite are refused wherever they are", () => {
  const text = JSON.stringify(good).replace('"strength":0.01', '"strength":1e999');
  refuses(text, /head\.details\.strength .* a number or text/);
  refuses(
    JSON.stringify(good).replace('"logLoss":0.3', '"logLoss":1e999'),
    /metrics\.logLoss .* a number from 0/,
  );
});

Deno.test("a manifest that names a field twice, or nests without end, is refused", () => {
  refuses(
    JSON.stringify(good).replace("{", '{"seed":1,'),
    /not usable JSON \(a field is there tw/,
  );
  const deep = withField("later", 0).replace(
    '"later":0',
    `"later":${"[".repeat(5e4)}${"]".repeat(5e4)}`,
  );
  refuses(deep, /nests deeper than 32/);
});
