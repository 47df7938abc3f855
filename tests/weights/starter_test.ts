// The weights inside graft: what the table says, what the script makes, and good for something.
import assert from "node:assert/strict";
import { createClassifier } from "../../src/classifier/create.ts";
import { drawSample } from "../../src/data/sample.ts";
import { loadClassifier } from "../../src/classifier/load.ts";
import { findCheckpoint } from "../../src/weights/checkpoints.ts";
import { embeddedWeights } from "../../src/weights/embedded_weights.ts";
import { loadWeights } from "../../src/weights/load.ts";
import { readSafetensors, writeSafetensors } from "../../src/weights/safetensors.ts";
import { embedded, roundStarter } from "../../weights/embed_starter.ts";
import { graft } from "../cli/graft.ts";
import { assertUserError } from "./fixtures.ts";

const STARTER = findCheckpoint("starter")!;

Deno.test("the embedded file is the one that the table names, rounded and written as the script does", async () => {
  const bytes = await embeddedWeights(STARTER);
  const kept = await Deno.readTextFile(new URL("../../weights/starter.json", import.meta.url));
  assert.ok(kept === embedded(bytes), "starter.json is not what embed_starter.ts writes");
  const { tensors, variant, notes } = await loadWeights("starter");
  assert.equal(variant, "torchvision");
  assert.deepEqual(notes, []);
  const again = roundStarter(writeSafetensors({ tensors, metadata: {} }));
  const [first, second] = [bytes, again].map((file) => readSafetensors(file).tensors);
  assert.deepEqual([...second.keys()], [...first.keys()]);
  for (const [name, { dtype, shape, data }] of second) {
    const was = first.get(name)!;
    assert.deepEqual([dtype, shape], [was.dtype, was.shape], name);
    if (dtype === "int8") assert.deepEqual(data, was.data, name);
  }
});

Deno.test("an embedded file that is not the table's is refused", async () => {
  await assert.rejects(
    () => embeddedWeights({ ...STARTER, sha256: "0".repeat(64) }),
    /weights "starter" inside graft have \d+ bytes and SHA-256 /,
  );
});

Deno.test("the command line has the starter without any permission to read or to fetch", async () => {
  const { code, stdout, stderr } = await graft(["weights", "fetch", "starter"]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, new RegExp(STARTER.sha256));
});

Deno.test("the starter tells drawn clothes apart better than a random trunk", async () => {
  const [train, test] = [drawSample({ rows: 150 }), drawSample({ rows: 300, randomState: 6 })];
  const accuracy = async (weights: string) => {
    using model = await createClassifier({ weights, imageSize: 64 });
    await model.fit(train);
    return (await model.evaluate(test)).accuracy;
  };
  const [starter, random] = [await accuracy("starter"), await accuracy("random")];
  assert.ok(starter.low > random.value, `${starter.value} beside ${random.value}`);
});

Deno.test("a head that was trained on the starter opens without it; one on other weights does not", async () => {
  const data = drawSample({ rows: 60 });
  const save = async (weights: string) => {
    using model = await createClassifier({ weights, imageSize: 32, stages: [4] });
    await model.fit(data);
    return {
      file: await model.toBytes({ trunk: "absent" }),
      answers: await model.predict(data.subset([0, 1])),
    };
  };
  const { file, answers } = await save("starter");
  assert.ok(file.length < 40_000, `${file.length}`);
  using model = await loadClassifier(file);
  assert.deepEqual(await model.predict(data.subset([0, 1])), answers);
  const other = await save("random");
  await assertUserError(() => loadClassifier(other.file), /it holds the head only; give the weigh/);
});
