// A server whose listeners throw answers a request all the same.
import { createClassifier } from "../../../src/classifier/create.ts";
import { encodePng } from "../../../src/data/encode_png.ts";
import { drawSample } from "../../../src/data/sample.ts";
import { createHandler } from "../../../src/serve/handler.ts";

const data = drawSample({ rows: 60 });
using model = await createClassifier({ weights: "random", imageSize: 28, stages: [3] });
await model.fit(data, { method: "linear", epochs: 1 });
const errors: unknown[] = [];
await using handler = await createHandler(model, {
  onNotice: (text) => {
    throw new Error(`told: ${text}`);
  },
  onError: (error) => errors.push(error),
});
const body = new Uint8Array(await encodePng(await data.image(0)));
const init = { method: "POST", body, headers: { "content-type": "image/png" } };
const response = await handler.fetch(new Request("http://localhost/predict", init));
console.log(response.status, (await response.json()).predictions?.length);
console.log(errors.join());
