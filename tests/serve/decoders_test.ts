// Decoding on other threads: what takes too long is given up and answered, and nobody else is failed for it.
import assert from "node:assert/strict";
import { createHandler } from "../../src/serve/mod.ts";
import { pngBomb } from "./bombs.ts";
import { DATA, pngOf, post, trained } from "./server.ts";

Deno.test("an image that takes too long is answered 422, its thread given up, and other images are answered", async () => {
  using model = await trained();
  const expected = await model.predict(DATA.subset([85, 86, 87, 88]), { top: 3 });
  await using handler = await createHandler(model, { decodeTimeoutMs: 300 });
  await handler.warmUp();
  // Half a second and more of work in 70 kB.
  const bomb = handler.fetch(post("/predict", pngBomb(6000, 4000)));
  const others = [85, 86, 87, 88].map(async (row) => {
    const response = await handler.fetch(post("/predict?top=3", await pngOf(row)));
    return { status: response.status, body: await response.json() };
  });
  const answered = await bomb;
  assert.equal(answered.status, 422);
  assert.match((await answered.json()).detail, /^it took more than 300 ms to decode; /);
  for (const [i, { status, body }] of (await Promise.all(others)).entries()) {
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual(body.predictions, JSON.parse(JSON.stringify([expected[i]])));
  }
  assert.equal((await handler.fetch(post("/predict", await pngOf(1)))).status, 200);
});
