import assert from "node:assert/strict";
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

Deno.test("a model that is scored on the pictures it was made from is found out", async () => {
  assert.equal(
    await seenPictures(data, { split, model: "m.safetensors" }),
    "these are the pictures that m.safetensors was made from: it learnt from 15 of the 20, and the scores flatter; " +
      "graft inspect m.safetensors has that of the 5 kept apart",
  );
  assert.match(
    (await seenPictures(data, { split: { ...split, train: 20, test: 0 }, model: "m" }))!,
    /it learnt from 20 of the 20, and the scores flatter$/,
  );
});

Deno.test("of other pictures, and where the file does not tell, nothing is said", async () => {
  const untold = { ...split, dataSha256: undefined };
  const others = drawSample({ rows: 20, randomState: 6 });
  assert.equal(await seenPictures(others, { split, model: "m" }), undefined);
  assert.equal(
    await seenPictures(data, { split: untold, model: "m" }),
    undefined,
  );
  assert.equal(await seenPictures(data, { split: null, model: "m" }), undefined);
});
