import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import { networkParts } from "../../src/model/network_entries.ts";
import { trunkParameters } from "../../src/model/parameters.ts";
import { freeze, freezeTo, type Policy, unfreeze } from "../../src/train/freeze.ts";

const learning = (policy: Policy) => networkParts().filter((part) => policy(part).trainable);

Deno.test("the parts are the stem, 16 blocks, the last convolution and the classifier", () => {
  const parts = networkParts();
  assert.equal(parts.length, 19);
  assert.deepEqual(parts.slice(0, 3), ["features.0", "features.1.0", "features.2.0"]);
  assert.deepEqual(parts.slice(-3), ["features.7.0", "features.8", "classifier"]);
  for (const { name } of trunkParameters()) {
    assert.ok(parts.some((part) => name.startsWith(`${part}.`)), `${name} is in no part`);
  }
});

Deno.test("freeze leaves the classifier to learn, unfreeze everything", () => {
  assert.deepEqual(learning(freeze()), ["classifier"]);
  assert.deepEqual(learning(unfreeze()), networkParts());
});

Deno.test("a stage's name means all of its blocks, and what is named learns", () => {
  const parts = networkParts();
  const from = (first: string) => parts.slice(parts.indexOf(first));
  assert.deepEqual(learning(freezeTo("features.5")), from("features.5.0"));
  assert.deepEqual(learning(freezeTo("features.5.1")), from("features.5.1"));
  assert.deepEqual(learning(freezeTo("features.0")), parts);
  assert.deepEqual(learning(freezeTo("features.8")), ["features.8", "classifier"]);
  assert.deepEqual(learning(freezeTo("classifier")), ["classifier"]);
});

Deno.test("batch norm of what is frozen stays still unless trainBn says otherwise", () => {
  const norms = (policy: Policy) =>
    [policy("features.4.0"), policy("features.5.0")]
      .map(({ batchNorm }) => batchNorm);
  assert.deepEqual(norms(freezeTo("features.5")), ["running", "batch"]);
  assert.deepEqual(norms(freezeTo("features.5", { trainBn: true })), ["batch", "batch"]);
  assert.deepEqual(norms(freezeTo("features.5", { batchNorm: "running" })), ["running", "running"]);
  assert.deepEqual(
    norms(freezeTo("features.5", { trainBn: true, batchNorm: "running" })),
    ["batch", "running"],
  );
});

Deno.test("names that are no part are refused with the ones that are", () => {
  for (const name of ["features", "features.9", "features.4.7", "block5", ""]) {
    assert.throws(
      () => freezeTo(name),
      (error) =>
        error instanceof UserError &&
        error.message.startsWith(`Cannot freeze to ${JSON.stringify(name)}: expected a stage, `) &&
        /"features\.8" or "classifier", or a block, "features\.1\.0"/.test(error.message) &&
        !error.message.includes("\n"),
    );
  }
  assert.throws(
    () => freeze()("features.4"),
    (error) => error instanceof UserError && /"features\.4\.2"/.test(error.message),
  );
  assert.throws(
    () => unfreeze({ batchNorm: "eval" as "batch" }),
    (error) => error instanceof UserError && /expected "batch" or "running"/.test(error.message),
  );
});
