// Pictures that pass through the network together.
import assert from "node:assert/strict";
import { createHandler } from "../../src/serve/mod.ts";
import { DATA, pngOf, post, trained } from "./server.ts";

Deno.test("of pictures that come together a damaged one is refused, and the others are answered", async () => {
  using model = await trained();
  await using handler = await createHandler(model);
  const rows = [85, 86, 87, 88];
  const bodies = await Promise.all(rows.map(pngOf));
  bodies[2] = bodies[2].slice(0, -30); // its header is whole
  const answers = await Promise.all(bodies.map(async (body) => {
    const response = await handler.fetch(post("/predict", body));
    return { status: response.status, body: await response.json() };
  }));
  assert.deepEqual(answers.map(({ status }) => status), [200, 200, 422, 200]);
  assert.match(answers[2].body.detail, /^the PNG is cut off or damaged/);
  const expected = await model.predict(DATA.subset(rows), { top: Infinity });
  for (const i of [0, 1, 3]) {
    assert.equal(answers[i].body.predictions[0].label, expected[i].label);
    assert.equal(answers[i].body.predictions[0].probability, expected[i].probability);
  }
});

Deno.test("pictures that come together pass through the network together, and each gets its own answer", async () => {
  using model = await trained();
  const batches: number[] = [];
  const pooled = model.trunk.pooled;
  Object.assign(model.trunk, {
    pooled(...given: Parameters<typeof pooled>) {
      batches.push(given[0].length / (3 * given[1] ** 2));
      for (const until = performance.now() + 20; performance.now() < until;); // as long as a real one
      return pooled(...given);
    },
  });
  await using handler = await createHandler(model, { batchSize: 4 });
  const rows = Array.from({ length: 9 }, (_, i) => 85 + i);
  const expected = await model.predict(DATA.subset(rows));
  batches.length = 0;
  const bodies = await Promise.all(rows.map(pngOf));
  const responses = await Promise.all(bodies.map((body) => handler.fetch(post("/predict", body))));
  const labels = await Promise.all(
    responses.map(async (response) => (await response.json()).predictions[0].label),
  );
  assert.deepEqual(labels, expected.map(({ label }) => label));
  assert.ok(batches.some((count) => count > 1), `batches of ${batches}`);
  assert.ok(batches.every((count) => [1, 2, 4].includes(count)), `batches of ${batches}`);
  assert.equal(batches.reduce((sum, count) => sum + count, 0), 9);
});
