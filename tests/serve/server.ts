/** What the tests of the server share. @module */
import type { Classifier } from "../../src/classifier/classifier.ts";
import { createClassifier } from "../../src/classifier/create.ts";
import { loadClassifier } from "../../src/classifier/load.ts";
import { encodePng } from "../../src/data/encode_png.ts";
import { drawSample } from "../../src/data/sample.ts";

/** Drawn clothes; the first 80 are trained on. */
export const DATA = drawSample({ rows: 100 });

let kept: Promise<Uint8Array> | undefined;

/** The bytes of a small trained model. */
export function modelBytes(): Promise<Uint8Array> {
  return kept ??= train();
}

/** A small trained classifier. */
export async function trained(): Promise<Classifier> {
  return await loadClassifier(await modelBytes());
}

async function train(): Promise<Uint8Array> {
  using model = await createClassifier({ weights: "random", imageSize: 28, stages: [3] });
  await model.fit(DATA.subset(Array.from({ length: 80 }, (_, i) => i)), { method: "probe" });
  return await model.toBytes();
}

/** A picture of {@linkcode DATA} as a file. */
export async function pngOf(row: number): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await encodePng(await DATA.image(row)));
}

/** A request to a server that is not really there. */
export function ask(path: string, init: RequestInit = {}): Request {
  return new Request(`http://localhost${path}`, init);
}

/** A request with a body. */
export function post(path: string, body: BodyInit, type = "image/png"): Request {
  return ask(path, { method: "POST", body, headers: { "content-type": type } });
}
