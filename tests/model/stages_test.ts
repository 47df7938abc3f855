/** The table of the network against torchvision: fixture by tests/fixtures/make_names.py. */
import assert from "node:assert/strict";
import {
  blocks,
  convGeometry,
  DROPOUT,
  HEAD_CHANNELS,
  stageChannels,
  STAGES,
  STEM_CHANNELS,
} from "../../src/model/stages.ts";
import { samePadding, symmetricPadding } from "../backend/reference.ts";
import names from "../fixtures/names.json" with { type: "json" };

Deno.test("every block is the one that torchvision builds", () => {
  const list = blocks();
  assert.equal(list.length, 16);
  list.forEach((block, i) => {
    const { parameters: _, dropProbability, ...expected } = names.blocks[i];
    const { stage, dropProbability: probability, ...actual } = block;
    assert.deepEqual(actual, expected);
    assert.equal(stage, Number(block.name.split(".")[1]));
    assert.ok(Math.abs(probability - dropProbability) < 1e-12);
  });
  assert.equal(DROPOUT, names.dropout);
});

Deno.test("stem, stages and head have torchvision's channels", () => {
  const shapes = names.outputShapes["224"];
  assert.equal(STEM_CHANNELS, shapes["features.0"][2]);
  assert.equal(HEAD_CHANNELS, shapes["features.8"][2]);
  assert.equal(STAGES.length, 7);
  for (let stage = 1; stage <= 8; stage++) {
    const [, , channels] = shapes[`features.${stage}` as keyof typeof shapes];
    assert.equal(stageChannels(stage), channels);
  }
});

Deno.test("stages that are not there are an error that says which are", () => {
  for (const stage of [0, 9, -1, 1.5, NaN]) {
    assert.throws(() => stageChannels(stage), {
      name: "UserError",
      message: `Cannot take stage ${stage}: stages are whole numbers from 1 to 8`,
    });
  }
});

Deno.test("symmetric padding gives the sizes that torch gives, with as many zeros in front", () => {
  for (const [size, kernel, stride, out] of names.symmetricGeometry) {
    const before = symmetricPadding(size, kernel, stride).before;
    assert.deepEqual(convGeometry(size, kernel, stride, "symmetric"), { size: out, before });
  }
});

Deno.test("SAME padding is TensorFlow's: the odd zero goes behind", () => {
  for (const kernel of [3, 5]) {
    for (const stride of [1, 2]) {
      for (let size = 1; size <= 40; size++) {
        const { before, out } = samePadding(size, kernel, stride);
        assert.deepEqual(convGeometry(size, kernel, stride, "same"), { size: out, before });
      }
    }
  }
  // tf.keras.layers.ZeroPadding2D(correct_pad(...)) of Keras' EfficientNet at 224 and 112: ((0, 1), (0, 1)).
  assert.deepEqual(convGeometry(224, 3, 2, "same"), { size: 112, before: 0 });
  assert.deepEqual(convGeometry(56, 5, 2, "same"), { size: 28, before: 1 });
  assert.deepEqual(convGeometry(7, 5, 2, "same"), { size: 4, before: 2 });
});
