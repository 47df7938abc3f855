import assert from "node:assert/strict";
import { leastCost, whyTheyDiffer } from "../../../src/classifier/lab/compare.ts";
import { crossEntropy } from "../../../src/train/loss.ts";
import { SAMPLE_DEFAULT, sampleLabReport } from "./lab_report_sample.ts";

Deno.test("the least cost is what a wholly right answer costs after two softmaxes", () => {
  for (const classes of [2, 3, 10]) {
    const logits = new Float32Array(classes);
    logits[1] = 1000;
    const { loss } = crossEntropy(logits, [1], { classes, softmaxFirst: true });
    assert.ok(Math.abs(loss - leastCost(classes)) < 1e-12, `${loss}`);
  }
});

Deno.test("the reasons name what the lab does differently, with the figures of the run", () => {
  const reasons = whyTheyDiffer(sampleLabReport(100), SAMPLE_DEFAULT);
  assert.deepEqual(reasons.map(({ name }) => name), [
    ...["softmax twice", "no normalisation", "train mode throughout", "28 pixels", "when to stop"],
  ]);
  const said = reasons.map(({ text }) => text).join("\n");
  // 9 log(1 + 9 / e), the test accuracies in eval mode, 28 and 84 pixels halved five times.
  for (const figure of ["13.15 over 9", "0.480 and 0.490", "1 x 1", "84, which leaves 3 x 3"]) {
    assert.ok(said.includes(figure), `${figure} is not in\n${said}`);
  }
});

Deno.test("where the lab computes with weights of the other family, that comes first", () => {
  const graft = { ...SAMPLE_DEFAULT, variant: "google" } as const;
  const [{ name, text }] = whyTheyDiffer(sampleLabReport(1), graft);
  assert.equal(name, "torchvision's arithmetic for google's weights");
  assert.match(text, /computes as torchvision does/);
});
