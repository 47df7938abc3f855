/** What anyone's program looks like: tfjs, graft's backend, a convolution that learns to blur. */
import { startBackend } from "../../../src/backend/mod.ts";
import { tfjs as tf } from "../../deps.ts";

const { threads } = await startBackend({ threads: 2 });
const images: tf.Tensor4D = tf.randomUniform([8, 10, 10, 1], -1, 1, "float32", 1);
const blurred = tf.conv2d(images, tf.fill([3, 3, 1, 1], 1 / 9) as tf.Tensor4D, 1, "same");
const kernel = tf.variable(tf.randomNormal([3, 3, 1, 1], 0, 1, "float32", 2)) as tf.Variable<
  tf.Rank.R4
>;
const optimizer = tf.train.adam(0.05);
const losses: number[] = [];
for (let step = 0; step < 100; step++) {
  const loss = optimizer.minimize(
    () => tf.losses.meanSquaredError(blurred, tf.conv2d(images, kernel, 1, "same")) as tf.Scalar,
    true,
  )!;
  losses.push(loss.dataSync()[0]);
  loss.dispose();
}
console.log(
  JSON.stringify({ backend: tf.getBackend(), threads, first: losses[0], last: losses.at(-1) }),
);
