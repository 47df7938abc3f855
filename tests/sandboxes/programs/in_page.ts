/** In a page: trains a probe and answers with it; the page waits for `result`. */
import {
  backend,
  createClassifier,
  drawSample,
  fitHead,
  predictProbabilities,
} from "../../../mod.ts";

async function run() {
  const data = drawSample({ rows: 120 });
  using trunk = await createClassifier({ weights: "random", imageSize: 28, stages: [3] });
  const features = await trunk.features(data);
  const head = await fitHead(features, data.labels, data.classes);
  const probabilities = Array.from(predictProbabilities(head, features).subarray(0, 50));
  const digest = await crypto.subtle.digest("SHA-256", features.data.slice().buffer);
  const hash = Array.from(new Uint8Array(digest).subarray(0, 8), (byte) => byte.toString(16)).join(
    "",
  );
  return { backend: backend(), hash, probabilities };
}

(globalThis as unknown as { result: Promise<unknown> }).result = run();
