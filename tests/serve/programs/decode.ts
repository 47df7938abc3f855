// Decodes an image several times with the settings that are given as JSON, and prints the answers as lines of JSON.
import { encodePng } from "../../../src/data/encode_png.ts";
import { drawSample } from "../../../src/data/sample.ts";
import { createDecoders } from "../../../src/serve/decoders.ts";

const maker = JSON.parse(Deno.args[0]);
const file = await encodePng(await drawSample({ rows: 1 }).image(0));
const decoders = createDecoders({
  ...{ maker, name: "the image", maxPixels: 1e6, decodeTimeoutMs: 30, timeoutMs: 2000 },
  mayStart: () => true,
});
/** As the server does: who waits for too long is not wanted any more. */
const decode = () => {
  const began = performance.now();
  return decoders.decode(file, () => {
    if (performance.now() - began > 2000) throw new Error("it waited for too long");
  });
};
const say = (answers: PromiseSettledResult<Float32Array>[]) => {
  for (const answer of answers) {
    console.log(answer.status === "fulfilled" ? answer.value.length : String(answer.reason));
  }
};
say(await Promise.allSettled([decode(), decode()]));
await new Promise((resolve) => setTimeout(resolve, 150)); // what was given up has come to its end
say(await Promise.allSettled([decode()]));
decoders.close();
await new Promise((resolve) => setTimeout(resolve, 50));
console.log("closed");
