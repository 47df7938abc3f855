/** Works on all threads until a signal ends it. */
import { startBackend } from "../../../src/backend/mod.ts";
import { createTrunk } from "../../../src/model/trunk.ts";
import { randomWeights } from "../../../src/model/random_weights.ts";
import { tf } from "../../tfjs.ts";

await startBackend({ threads: 2 });
using trunk = createTrunk(await randomWeights(1));
const images: tf.Tensor4D = tf.zeros([64, 32, 32, 3]);
console.log("working");
while (true) trunk.features(images).dispose();
