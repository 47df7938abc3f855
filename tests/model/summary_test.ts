/** The network in words, against torchvision: fixture by tests/fixtures/make_names.py. */
import assert from "node:assert/strict";
import { summary, summaryRows, transforms } from "../../src/model/summary.ts";
import { IMAGENET_PREPROCESSING } from "../../src/core/preprocessing.ts";
import names from "../fixtures/names.json" with { type: "json" };

Deno.test("output shapes are those that torchvision's layers give", () => {
  for (const [size, shapes] of Object.entries(names.outputShapes)) {
    const rows = summaryRows({ size: Number(size) });
    for (const { layer, outputShape } of rows.filter((row) => row.layer.startsWith("features."))) {
      const name = layer.split(" ")[0] as keyof typeof shapes;
      assert.equal(outputShape, `[n, ${shapes[name].join(", ")}]`, `${name} at ${size} px`);
    }
  }
});

Deno.test("parameters are those that torchvision counts", () => {
  const rows = summaryRows();
  const byName = new Map(rows.map((row) => [row.layer.split(" ")[0], row.parameters]));
  for (const { name, parameters } of names.blocks) assert.equal(byName.get(name), parameters);
  assert.equal(byName.get("features.0"), names.parameters.stages[0]);
  assert.equal(byName.get("features.8"), names.parameters.stages[8]);
  assert.equal(byName.get("classifier.1"), names.parameters.classifier);
  assert.equal(rows.reduce((sum, row) => sum + row.parameters, 0), 5_288_548);
  assert.equal(names.parameters.all, 5_288_548);
});

Deno.test("rows stand in the network's order and name every part that users know", () => {
  assert.deepEqual(summaryRows().map((row) => row.layer), [
    "features.0 (Conv 3x3 /2)",
    "features.1.0 (MBConv1 3x3)",
    "features.2.0 (MBConv6 3x3 /2)",
    "features.2.1 (MBConv6 3x3)",
    "features.3.0 (MBConv6 5x5 /2)",
    "features.3.1 (MBConv6 5x5)",
    "features.4.0 (MBConv6 3x3 /2)",
    "features.4.1 (MBConv6 3x3)",
    "features.4.2 (MBConv6 3x3)",
    "features.5.0 (MBConv6 5x5)",
    "features.5.1 (MBConv6 5x5)",
    "features.5.2 (MBConv6 5x5)",
    "features.6.0 (MBConv6 5x5 /2)",
    "features.6.1 (MBConv6 5x5)",
    "features.6.2 (MBConv6 5x5)",
    "features.6.3 (MBConv6 5x5)",
    "features.7.0 (MBConv6 3x3)",
    "features.8 (Conv 1x1)",
    "avgpool",
    "classifier.0 (Dropout 0.2)",
    "classifier.1 (Linear)",
  ]);
});

Deno.test("totals tell trainable parameters from those that stay", () => {
  const totals = (options: Parameters<typeof summary>[0]) => summary(options).split("\n").slice(-3);
  assert.deepEqual(totals({}), [
    "Total parameters:         5,288,548",
    "Trainable parameters:     1,281,000",
    "Non-trainable parameters: 4,007,548",
  ]);
  assert.deepEqual(totals({ classes: 10 }), [
    "Total parameters:         4,020,358",
    "Trainable parameters:     12,810",
    "Non-trainable parameters: 4,007,548",
  ]);
  assert.deepEqual(totals({ classes: 10, trunkTrainable: true }), [
    "Total parameters:         4,020,358",
    "Trainable parameters:     4,020,358",
    "Non-trainable parameters: 0",
  ]);
});

Deno.test("the table lines up and says of each layer whether it is trained", () => {
  const lines = summary({ size: 28, classes: 3 }).split("\n");
  assert.equal(
    lines[0],
    "Layer                            Output shape            Parameters  Trainable",
  );
  assert.equal(lines[1], "-".repeat(78));
  assert.equal(lines[2], "features.0 (Conv 3x3 /2)         [n, 14, 14, 32]                928  no");
  assert.equal(lines[20], "avgpool                          [n, 1280]                        0");
  assert.equal(
    lines[22],
    "classifier.1 (Linear)            [n, 3]                       3,843  yes",
  );
  assert.equal(lines[23], "-".repeat(78));
  assert.equal(lines.length, 27);
  const ends = lines.slice(2, 23).map((line) => line.replace(/ +(yes|no)$/, "").length);
  assert.deepEqual([...new Set(ends)], [ends[0]]);
});

Deno.test("SAME padding shows in the shapes of odd sizes", () => {
  const shapes = (padding: "same" | "symmetric") =>
    summaryRows({ size: 30, padding }).map((row) => row.outputShape);
  assert.equal(shapes("same")[0], "[n, 15, 15, 32]");
  assert.equal(shapes("same")[2], "[n, 8, 8, 24]");
  // (size + 2 * before - kernel) / stride + 1 and ceil(size / stride) are equal for odd kernels.
  assert.deepEqual(shapes("same"), shapes("symmetric"));
});

Deno.test("transforms are told in torchvision's words", () => {
  assert.equal(transforms(IMAGENET_PREPROCESSING), names.transforms);
});
