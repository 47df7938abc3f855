import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import { auditFeatures } from "../../src/audit/audit_features.ts";
import { auditPictures } from "../../src/audit/audit_pictures.ts";
import { partOfRow } from "../../src/audit/part_of_row.ts";
import { ImageDataset } from "../../src/data/dataset.ts";
import { clouds, tensorTest } from "../train/wasm.ts";

/** Clouds of features with pictures that are all different, but for those named to be copies. */
function cloudy(
  options: Parameters<typeof clouds>[0],
  { relabel = {}, copies = {} }: {
    readonly relabel?: Readonly<Record<number, number>>;
    readonly copies?: Readonly<Record<number, number>>;
  } = {},
) {
  const { labels, ...features } = clouds(options);
  for (const [row, label] of Object.entries(relabel)) labels[Number(row)] = label;
  const pixels = Uint8Array.from({ length: labels.length * 2 }, (_, i) => (i >> 1) >> 8 * (i & 1));
  for (const [to, from] of Object.entries(copies)) {
    pixels.copyWithin(2 * Number(to), 2 * from, 2 * from + 2);
    const { data, columns } = features;
    data.copyWithin(Number(to) * columns, from * columns, (from + 1) * columns);
  }
  const classes = Array.from({ length: options.classes }, (_, k) => `class ${k}`);
  const data = ImageDataset.fromPixels(pixels, { shape: [1, 2, 1], labels, classes });
  return { data, features };
}

tensorTest("labels that were changed are found, and hardly any other", async () => {
  const wrong = { 6: 1, 13: 2, 40: 0, 71: 1 } as const;
  const { data, features } = cloudy({ rows: 90, columns: 20, classes: 3, spread: 0.6 }, {
    relabel: wrong,
  });
  const { labels, notJudged } = await auditFeatures(await auditPictures(data), features);
  assert.equal(notJudged, undefined);
  assert.deepEqual(labels!.suspects.map(({ row }) => row).sort((a, b) => a - b), [6, 13, 40, 71]);
  for (const { row, given, suggested, ...told } of labels!.suspects) {
    assert.equal(given, data.labels[row]);
    assert.equal(suggested, row % 3); // what the cloud is of
    assert.ok(told.suggestedProbability > told.givenProbability);
  }
  assert.equal(labels!.judged, 90);
  assert.equal(labels!.folds, 5);
  assert.equal(labels!.agreement, 86 / 90);
});

tensorTest(
  "nearly equal pictures are told with what is worrying, equal ones only once",
  async () => {
    const { data, features } = cloudy({ rows: 40, columns: 30, classes: 2 }, { copies: { 9: 8 } });
    // Row 11 becomes nearly row 10 (another label), row 22 nearly row 20 (the same label), row 30 nearly rows 8 and 9.
    for (const [to, from] of [[11, 10], [22, 20], [30, 8]]) {
      for (let k = 0; k < 30; k++) {
        features.data[to * 30 + k] = features.data[from * 30 + k] * (1 + 0.01 * (k % 3));
      }
    }
    const parts = partOfRow({
      train: Int32Array.from({ length: 40 }, (_, row) => row).filter((row) => row !== 22),
      test: Int32Array.of(22),
    }, 40);
    const pictures = await auditPictures(data, { parts });
    const { nearDuplicates } = await auditFeatures(pictures, features, { maxDistance: 0.001 });
    const found = nearDuplicates.map(({ distance: _, ...pair }) => pair).sort((p, q) => p.a - q.a);
    assert.deepEqual(found, [
      { a: 8, b: 30, labelsDiffer: false, acrossSplit: false },
      { a: 10, b: 11, labelsDiffer: true, acrossSplit: false },
      { a: 20, b: 22, labelsDiffer: false, acrossSplit: true },
    ]);
    assert.deepEqual(pictures.duplicates.map(({ rows }) => rows), [[8, 9]]);
  },
);

tensorTest(
  "pictures without a label and classes without pictures are left out of the judging",
  async () => {
    const { data, features } = cloudy({ rows: 60, columns: 10, classes: 2, spread: 0.5 }, {
      relabel: { 0: -1, 7: -1, 20: 1 },
    });
    const named = data.withClasses(["nothing", "class 0", "class 1"]);
    const { labels } = await auditFeatures(await auditPictures(named), features);
    assert.equal(labels!.judged, 58);
    assert.deepEqual(labels!.suspects.map(({ row, given, suggested }) => [row, given, suggested]), [
      [20, 2, 1],
    ]);
  },
);

tensorTest("where there is nothing to judge labels by, it says why", async () => {
  const why = async (relabel: Record<number, number>) => {
    const { data, features } = cloudy({ rows: 3, columns: 4, classes: 3 }, { relabel });
    return (await auditFeatures(await auditPictures(data), features)).notJudged;
  };
  assert.equal(await why({ 0: -1, 1: -1, 2: -1 }), "there are none");
  assert.equal(await why({ 0: 1, 2: 1 }), "there is a single class");
  assert.equal(await why({}), "every class has a single picture");
});

tensorTest("features of other pictures are refused", async () => {
  const { data } = cloudy({ rows: 6, columns: 2, classes: 2 });
  const { features } = cloudy({ rows: 7, columns: 2, classes: 2 });
  await assert.rejects(auditFeatures(await auditPictures(data), features), UserError);
});
