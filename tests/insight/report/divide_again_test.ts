import assert from "node:assert/strict";
import { drawSample } from "../../../src/data/sample.ts";
import { trainTestSplit } from "../../../src/data/split.ts";
import { divideAgain } from "../../../src/insight/report/divide_again.ts";

const DATA = drawSample({ rows: 50 });
const HASH = await DATA.hash();
const SPLIT = { testSize: 0.2, randomState: 7, stratify: false, train: 40, test: 10 };

Deno.test("data that a model was trained on are divided as they were then", async () => {
  const { standing, train, test } = await divideAgain(DATA, { ...SPLIT, dataSha256: HASH });
  assert.equal(standing, "test");
  assert.deepEqual({ train, test }, trainTestSplit(50, { testSize: 0.2, randomState: 7 }));
  const stratify = { ...SPLIT, stratify: true, dataSha256: HASH };
  const { test: fair } = await divideAgain(DATA, stratify);
  const { labels } = DATA;
  assert.deepEqual(
    fair,
    trainTestSplit(50, { testSize: 0.2, randomState: 7, stratify: labels }).test,
  );
});

Deno.test("data that come divided keep their parts", async () => {
  const parts = {
    train: Int32Array.from({ length: 40 }, (_, i) => i + 10),
    test: Int32Array.from({ length: 10 }, (_, i) => i),
  };
  const { length, labels, classes, source } = DATA;
  const given = { length, labels, classes, source, parts, hash: () => Promise.resolve(HASH) };
  const split = { ...SPLIT, testSize: 10, dataSha256: HASH };
  const { train, test } = await divideAgain(given, split);
  assert.deepEqual({ train, test }, parts);
  // Divided anew by another size, the model's numbers tell so.
  const anew = { ...SPLIT, testSize: 0.1, train: 45, test: 5, dataSha256: HASH };
  assert.equal((await divideAgain(given, anew)).test.length, 5);
});

Deno.test("nothing that was trained on is left to be scored when all of it was", async () => {
  const split = { ...SPLIT, testSize: 0, train: 50, test: 0, dataSha256: HASH };
  const { standing, test, train } = await divideAgain(DATA, split);
  assert.deepEqual([standing, test.length, train.length], ["test", 0, 50]);
});

Deno.test("of other data, and where the model does not tell, all rows may be scored, and it is said", async () => {
  const known = async (split: Parameters<typeof divideAgain>[1]) => {
    const { standing, test, train } = await divideAgain(DATA, split);
    assert.deepEqual([test.length, train.length], [50, 0]);
    return standing;
  };
  assert.equal(await known({ ...SPLIT, dataSha256: "ab".repeat(32) }), "other");
  assert.equal(await known({ ...SPLIT, train: 400, test: 100 }), "unknown");
  assert.equal(await known(null), "unknown");
});

Deno.test("a division that cannot be done again is refused: rows that were trained on would be scored", async () => {
  const split = { ...SPLIT, testSize: 0.1, dataSha256: HASH };
  await assert.rejects(divideAgain(DATA, split), {
    name: "UserError",
    message:
      /it tells 40 and 10 rows, which dividing the 50 again does not come to; give data that/,
  });
});

Deno.test("where data may be those trained on, only what would then not have been trained on is scored", async () => {
  const { standing, test, train } = await divideAgain(DATA, SPLIT);
  assert.deepEqual([standing, test.length, train.length], ["unknown", 10, 0]);
  assert.deepEqual(test, trainTestSplit(50, { testSize: 0.2, randomState: 7 }).test);
});
