// Decoding on other threads: what takes too long is given up and answered, and nobody else is failed for it.
import assert from "node:assert/strict";
import { createHandler } from "../../src/serve/mod.ts";
import { segmentBomb } from "./bombs.ts";
import { DATA, pngOf, post, trained } from "./server.ts";

Deno.test("an image that takes too long is answered 422, its thread given up, and images behind it are decoded elsewhere", async () => {
  using model = await trained();
  const expected = await model.predict(DATA.subset([85, 86, 87, 88]), { top: 3 });
  await using handler = await createHandler(model, { decodeTimeoutMs: 400 });
  await handler.warmUp();
  // A bomb that counts as small, and images that are handed to the same thread behind it.
  const bomb = handler.fetch(post("/predict", segmentBomb(15_000_000)));
  const others = [85, 86, 87, 88].map(async (row) => {
    const response = await handler.fetch(post("/predict?top=3", await pngOf(row)));
    return { status: response.status, body: await response.json() };
  });
  const answered = await bomb;
  assert.equal(answered.status, 422);
  assert.match((await answered.json()).detail, /^it took more than 400 ms to decode; /);
  for (const [i, { status, body }] of (await Promise.all(others)).entries()) {
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual(body.predictions, JSON.parse(JSON.stringify([expected[i]])));
  }
  assert.equal((await handler.fetch(post("/predict", await pngOf(1)))).status, 200);
});
