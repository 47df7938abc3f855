// The server's answers, and its refusals: each by its status, none repeating what it was sent.
import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import { createClassifier } from "../../src/classifier/create.ts";
import { held } from "../held.ts";
import { encodePng } from "../../src/data/encode_png.ts";
import { createHandler, type RequestLog } from "../../src/serve/mod.ts";
import { ask, DATA, modelBytes, pngOf, post, trained } from "./server.ts";

Deno.test("a picture is answered as the classifier answers it, alone and in a form", async () => {
  using model = await trained();
  await using handler = await createHandler(model);
  const expected = await model.predict(await DATA.images([90, 91]), { top: 2 });
  const alone = await handler.fetch(post("/predict?top=2", await pngOf(90)));
  assert.equal(alone.status, 200);
  assert.equal(alone.headers.get("x-content-type-options"), "nosniff");
  assert.deepEqual((await alone.json()).predictions, JSON.parse(JSON.stringify([expected[0]])));
  const form = new FormData();
  form.set("note", "text is passed over");
  form.append("a", new Blob([await pngOf(90)]), "a.png");
  form.append("a", new Blob([await pngOf(91)]), "b.png");
  const both = await handler.fetch(ask("/predict?top=2", { method: "POST", body: form }));
  assert.deepEqual((await both.json()).predictions, JSON.parse(JSON.stringify(expected)));
});

Deno.test("embeddings are the features that the head sees", async () => {
  using model = await trained();
  await using handler = await createHandler(model);
  const { columns, data } = await model.features(DATA.subset([90]));
  const response = await handler.fetch(post("/embed", await pngOf(90), "application/octet-stream"));
  const body = await response.json();
  assert.equal(body.columns, columns);
  assert.deepEqual(Float32Array.from(body.embeddings[0]), data);
});

Deno.test("what cannot be answered is refused by its status, on one line, without repeating it", async () => {
  using model = await trained();
  await using handler = await createHandler(model, {
    maxBodyBytes: 5000,
    maxPixels: 1000,
    maxPictures: 2,
  });
  const evil = "<script>alert(1)</script>";
  const png = await pngOf(1);
  const form = (files: number) => {
    const data = new FormData();
    for (let i = 0; i < files; i++) data.append(evil, new Blob([png]), `${evil}.png`);
    return data;
  };
  const large = png.slice();
  new DataView(large.buffer).setUint32(16, 60_000); // the width in the header
  const cases: [string, Request, number, string][] = [
    ["another path", ask(`/${evil}`), 404, "not-found"],
    ["a path of files", ask("/../../etc/passwd"), 404, "not-found"],
    ["another method", ask("/predict"), 405, "method-not-allowed"],
    ["an empty body", post("/predict", new Uint8Array(0)), 400, "bad-request"],
    ["a body of text", post("/predict", evil, "text/html"), 422, "unreadable-picture"],
    ["text that says it is a picture", post("/predict", evil), 422, "unreadable-picture"],
    ["a picture that is cut off", post("/predict", png.slice(0, 60)), 422, "unreadable-picture"],
    ["more pixels than are decoded", post("/predict", large), 422, "unreadable-picture"],
    ["a GIF", post("/predict", "GIF89a......"), 422, "unreadable-picture"],
    ["a large body", post("/predict", new Uint8Array(5001)), 413, "body-too-large"],
    [
      "a form without files",
      ask("/predict", { method: "POST", body: form(0) }),
      400,
      "bad-request",
    ],
    [
      "a form of too many",
      ask("/predict", { method: "POST", body: form(3) }),
      413,
      "too-many-pictures",
    ],
    [
      "no form at all",
      post("/predict", "x", "multipart/form-data; boundary=y"),
      400,
      "bad-request",
    ],
    ["no number of classes", post(`/predict?top=${evil}`, png), 400, "bad-request"],
    ["no class", post("/predict?top=0", png), 400, "bad-request"],
  ];
  const { components } = await (await handler.fetch(ask("/openapi.json"))).json();
  const described = components.schemas.Problem.properties.code.enum;
  for (const [name, request, status, code] of cases) {
    const response = await handler.fetch(request);
    const text = await response.text();
    assert.equal(response.status, status, `${name}: ${text}`);
    assert.equal(response.headers.get("content-type"), "application/problem+json", name);
    const body = JSON.parse(text);
    assert.equal(body.code, code, name);
    assert.ok(described.includes(code), `${code} is not described`);
    assert.equal(body.status, status, name);
    assert.ok(!text.includes("script") && !text.includes("\n") && body.detail.length > 20, text);
  }
  const one = form(1);
  one.append(evil, new Blob([evil]), `${evil}.png`);
  const mixed = await handler.fetch(ask("/predict", { method: "POST", body: one }));
  assert.equal(mixed.status, 422);
  const { detail } = await mixed.json();
  assert.equal(detail, "picture 2 of 2: it is text, expected a JPEG or PNG picture");
  const other = await (await handler.fetch(ask("/predict"))).json();
  assert.equal(other.detail, "this method is not served here; use POST, OPTIONS");
  // A length is not believed: it says 1, and 6000 bytes come.
  const lying = ask("/predict", {
    method: "POST",
    headers: { "content-length": "1" },
    body: new Blob([new Uint8Array(6000)]).stream(),
  });
  assert.equal((await handler.fetch(lying)).status, 413);
});

Deno.test("a picture of something else is answered unknown where that was asked for", async () => {
  using model = await trained();
  await using handler = await createHandler(model, { reject: 0.05 });
  const noise = { height: 90, width: 90, channels: 3 as const, data: new Uint8Array(3 * 90 * 90) };
  noise.data.forEach((_, i) => noise.data[i] = (i * 7919) % 256);
  for (const image of [await DATA.image(90), noise]) {
    const [expected] = await model.predict([image], { reject: 0.05, top: 2 });
    const body = new Uint8Array(await encodePng(image));
    const response = await handler.fetch(post("/predict?top=2", body));
    const [answer] = (await response.json()).predictions;
    assert.deepEqual(answer, JSON.parse(JSON.stringify(expected)));
    assert.equal(answer.unknown, image === noise);
    assert.equal(answer.label === "unknown", image === noise);
  }
  const api = await (await handler.fetch(ask("/openapi.json"))).json();
  const { schema } = api.paths["/predict"].post.responses[200].content["application/json"];
  const { label } = schema.properties.predictions.items.properties;
  assert.deepEqual(label.enum, [...model.classes, "unknown"]);
  using untold = await createClassifier({ weights: "random", imageSize: 28, stages: [3] });
  await untold.fit(DATA, { method: "linear", epochs: 1 });
  await assert.rejects(
    createHandler(untold, { reject: 0.05 }),
    /^UserError: Cannot turn pictures away: the model was not calibrated/,
  );
});

Deno.test("a body that does not come to its end is given up, a connection that breaks too", async () => {
  using model = await trained();
  await using handler = await createHandler(model, { bodyTimeoutMs: 50 });
  let cancelled = false;
  const slow = new ReadableStream({
    start: (controller) => controller.enqueue(Uint8Array.of(0x89)),
    cancel: () => void (cancelled = true),
  });
  const response = await handler.fetch(ask("/predict", { method: "POST", body: slow }));
  assert.equal(response.status, 408);
  assert.ok(cancelled, "the stream is still open");
  const broken = new ReadableStream({ pull: (controller) => controller.error(new Error("gone")) });
  assert.equal(
    (await handler.fetch(ask("/predict", { method: "POST", body: broken }))).status,
    400,
  );
});

Deno.test("more than may wait is refused at once with the time to try again; the rest is answered", async () => {
  using model = await trained();
  await using handler = await createHandler(model, { maxWaiting: 3, batchSize: 1 });
  const bodies = await Promise.all(Array.from({ length: 12 }, () => pngOf(1)));
  const responses = await Promise.all(bodies.map((body) => handler.fetch(post("/predict", body))));
  const counts = new Map<number, number>();
  for (const response of responses) {
    counts.set(response.status, (counts.get(response.status) ?? 0) + 1);
    if (response.status === 503) assert.equal(response.headers.get("retry-after"), "1");
    await response.body?.cancel();
  }
  assert.deepEqual([...counts.keys()].sort(), [200, 503]);
  assert.ok(counts.get(200)! >= 3, `${counts.get(200)} were answered`);
  assert.equal((await handler.fetch(post("/predict", await pngOf(1)))).status, 200);
});

Deno.test("bytes that wait are counted and given back", async () => {
  using model = await trained();
  const png = await pngOf(1);
  await using handler = await createHandler(model, { maxHeldBytes: png.length + 10 });
  for (let i = 0; i < 3; i++) {
    assert.equal((await handler.fetch(post("/predict", png))).status, 200);
    assert.equal((await handler.fetch(post("/predict", "text"))).status, 422);
  }
  const two = await Promise.all([1, 2].map(() => handler.fetch(post("/predict", png))));
  assert.deepEqual(two.map(({ status }) => status).sort(), [200, 503]);
});

Deno.test("a picture that waited too long is not computed any more", async () => {
  using model = await trained();
  const predict = model.predict.bind(model);
  model.predict = async (pictures, options) => {
    await new Promise((resolve) => setTimeout(resolve, 500));
    return await predict(pictures, options);
  };
  await using handler = await createHandler(model, { timeoutMs: 400, batchSize: 1 });
  await handler.warmUp();
  const png = await pngOf(1);
  const asked = [1, 2, 3].map(async () => (await handler.fetch(post("/predict", png))).status);
  assert.deepEqual((await Promise.all(asked)).sort(), [200, 503, 503]);
});

Deno.test("health, description and page are there; HEAD and OPTIONS are answered", async () => {
  using model = await trained();
  await using handler = await createHandler(model, { allowOrigin: "*" });
  const health = await handler.fetch(ask("/healthz"));
  assert.deepEqual(Object.keys(await health.json()), ["status", "graft", "classes", "waiting"]);
  const description = await (await handler.fetch(ask("/openapi.json"))).json();
  assert.deepEqual(Object.keys(description.paths), ["/predict", "/embed", "/healthz"]);
  const page = await handler.fetch(ask("/"));
  assert.match(await page.text(), /^<!doctype html>/);
  assert.match(
    page.headers.get("content-security-policy")!,
    /default-src 'none'; script-src 'sha256-/,
  );
  const head = await handler.fetch(ask("/", { method: "HEAD" }));
  assert.equal(head.status, 200);
  assert.equal(await head.text(), "");
  const options = await handler.fetch(ask("/predict", { method: "OPTIONS" }));
  assert.equal(options.status, 204);
  assert.equal(options.headers.get("allow"), "POST, OPTIONS");
  assert.equal(options.headers.get("access-control-allow-origin"), "*");
});

Deno.test("each request is logged once, with nothing of its text", async () => {
  using model = await trained();
  const logs: RequestLog[] = [];
  await using handler = await createHandler(model, { onRequest: (log) => logs.push(log) });
  const png = await pngOf(1);
  await handler.fetch(post("/predict?top=1&x=secret", png));
  await handler.fetch(ask("/secret"));
  assert.deepEqual(
    logs.map((
      { route, status, problem, pictures, bytes },
    ) => [route, status, problem, pictures, bytes]),
    [["POST /predict", 200, undefined, 1, png.length], ["other", 404, "not-found", 0, 0]],
  );
  assert.ok(!JSON.stringify(logs).includes("secret"));
});

Deno.test("a failure of the server's own is 500, told to its owner and to nobody else", async () => {
  using model = await trained();
  const errors: unknown[] = [];
  await using handler = await createHandler(model, { onError: (error) => errors.push(error) });
  model.predict = () => Promise.reject(new Error("secret cause"));
  const response = await handler.fetch(post("/predict", await pngOf(1)));
  assert.equal(response.status, 500);
  assert.ok(!(await response.text()).includes("secret"));
  assert.match(String(errors[0]), /secret cause/);
});

Deno.test("closing answers what waits and refuses what comes; no tensor is left", async () => {
  using model = await trained();
  const before = held();
  const handler = await createHandler(model, { batchSize: 1 });
  const png = await pngOf(1);
  const waiting = [1, 2, 3].map(() => handler.fetch(post("/predict", png)));
  await new Promise((resolve) => setTimeout(resolve, 0));
  await Promise.all(waiting.slice(0, 1));
  const closing = handler.close();
  for (const request of [post("/predict", png), ask("/healthz")]) {
    const late = await handler.fetch(request);
    assert.deepEqual([late.status, (await late.json()).code], [503, "stopping"]);
  }
  assert.ok((await Promise.all(waiting)).every(({ status }) => status === 200));
  await closing;
  assert.equal(held(), before);
});

Deno.test("a model is served from its bytes; one that was not trained, and limits that are none, are refused", async () => {
  await using handler = await createHandler(await modelBytes());
  using model = await trained();
  assert.deepEqual(handler.classes, model.classes);
  assert.equal((await handler.fetch(post("/predict", await pngOf(1)))).status, 200);
  await assert.rejects(
    createHandler(model, { maxWaiting: 0 }),
    /maxWaiting is 0, expected a whole number from 1/,
  );
  using untrained = await createClassifier({ weights: "random" });
  await assert.rejects(createHandler(untrained), (error) => error instanceof UserError);
});
