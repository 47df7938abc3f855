import assert from "node:assert/strict";
import { identify } from "../../src/audit/identify.ts";
import { decodeBase64 } from "../../src/core/base64.ts";
import { sha256Hex } from "../../src/core/sha256.ts";
import { countKnown, fingerprintsOf, MAX_FINGERPRINTS } from "../../src/data/fingerprints.ts";
import { seenPictures } from "../../src/cli/seen_pictures.ts";
import { drawSample } from "../../src/data/sample.ts";

const data = drawSample({ rows: 20 });
const split = {
  testSize: 5,
  randomState: 5,
  stratify: false,
  train: 15,
  test: 5,
  dataSha256: await data.hash(),
};

Deno.test("a model that is scored on the images it was made from is found out", async () => {
  assert.deepEqual(await seenPictures(data, { split, model: "m.safetensors" }), {
    images: 15,
    note:
      "these are the images that m.safetensors was made from: it was trained on 15 of the 20, so these scores are " +
      "optimistic; graft inspect m.safetensors has that of the 5 test images",
  });
  assert.match(
    (await seenPictures(data, { split: { ...split, train: 20, test: 0 }, model: "m" })).note!,
    /it was trained on 20 of the 20, so these scores are optimistic$/,
  );
});

Deno.test("images that a model was trained on are found among others by their fingerprints", async () => {
  const others = drawSample({ rows: 20, randomState: 6 });
  const { hashes } = await identify(data);
  const trainedOn = fingerprintsOf(hashes.slice(0, 15));
  assert.ok(trainedOn.hashes.length <= 15 * 8 * 4 / 3);
  const known = { ...split, trainedOn };
  assert.deepEqual(
    await seenPictures(data.subset([0, 3, 14, 15, 19]), { split: known, model: "m" }),
    {
      images: 3,
      note: "m was trained on 3 of these 5 images, so these scores are optimistic",
    },
  );
  const none = { images: 0, note: undefined };
  assert.deepEqual(await seenPictures(others, { split: known, model: "m" }), none);
});

Deno.test("of very many images a sample of the fingerprints tells the share", async () => {
  const hashes = await Promise.all(
    Array.from({ length: 20_000 }, (_, i) => sha256Hex(new TextEncoder().encode(`${i}`))),
  );
  const set = fingerprintsOf(hashes);
  assert.deepEqual([set.images, decodeBase64(set.hashes).length], [20_000, 8 * MAX_FINGERPRINTS]);
  const strangers = await Promise.all(
    Array.from({ length: 2000 }, (_, i) => sha256Hex(new TextEncoder().encode(`other ${i}`))),
  );
  const { known, compared } = countKnown([...hashes.slice(0, 2000), ...strangers], set);
  // 8192 of 20,000 are kept: of 4,000 about 1,640 can be looked up, half of which are known; five deviations are 100.
  assert.ok(Math.abs(compared - 1638) < 160, `${compared}`);
  assert.ok(Math.abs(known / compared - 0.5) < 0.07, `${known}`);
  assert.equal(countKnown(strangers, set).known, 0);
});

Deno.test("where the file does not tell, nothing is said", async () => {
  const untold = { ...split, dataSha256: undefined };
  const others = drawSample({ rows: 20, randomState: 6 });
  const unknown = { images: null, note: undefined };
  assert.deepEqual(await seenPictures(others, { split, model: "m" }), unknown);
  assert.deepEqual(await seenPictures(data, { split: untold, model: "m" }), unknown);
  assert.deepEqual(await seenPictures(data, { split: null, model: "m" }), unknown);
});
