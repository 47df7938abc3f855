// Decoding on other threads: what takes too long is given up and answered, and nobody else is failed for it.
import assert from "node:assert/strict";
import { createHandler } from "../../src/serve/mod.ts";
import { pngBomb } from "./bombs.ts";
import { DATA, pngOf, post, trained } from "./server.ts";

Deno.test("an image that takes too long is answered 422, its thread given up, and another one takes its place", async () => {
  using model = await trained();
  const [expected] = await model.predict(DATA.subset([85]), { top: 3 });
  // A few milliseconds are enough for a small image and not for 24 megapixels, though they come in 70 kB.
  await using handler = await createHandler(model, { decodeTimeoutMs: 40 });
  await handler.warmUp();
  for (let round = 0; round < 2; round++) {
    const bomb = await handler.fetch(post("/predict", pngBomb(6000, 4000)));
    const { detail } = await bomb.json();
    assert.equal(bomb.status, 422, detail);
    assert.match(detail, /^it took more than 40 ms to decode; /);
  }
  // On a machine that is busy, a small one may take as long.
  for (let attempt = 0;; attempt++) {
    const response = await handler.fetch(post("/predict?top=3", await pngOf(85)));
    const body = await response.json();
    if (response.status !== 200 && attempt < 20) continue;
    assert.deepEqual(body.predictions, JSON.parse(JSON.stringify([expected])));
    break;
  }
});

Deno.test("large images wait for one another, and small ones for none of them", async () => {
  using model = await trained();
  await using handler = await createHandler(model);
  await handler.warmUp();
  const order: string[] = [];
  const bomb = pngBomb(6000, 4000);
  const ask = async (name: string, file: Uint8Array<ArrayBuffer>) => {
    const response = await handler.fetch(post("/predict", file));
    await response.body?.cancel();
    assert.equal(response.status, 200);
    order.push(name);
  };
  const small = await pngOf(85);
  await Promise.all([...["1", "2", "3"].map((name) => ask(name, bomb)), ask("small", small)]);
  assert.deepEqual(order.filter((name) => name !== "small"), ["1", "2", "3"]);
  assert.ok(order.indexOf("small") < 2, order.join());
});
