import assert from "node:assert/strict";
import { CLASS_WEIGHTS_FLAG } from "../../src/cli/class_weights_flag.ts";
import { UsageError } from "../../src/core/errors.ts";
import { emptyFolder, FAST, graft, graftJson, sampleLines } from "./graft.ts";

const read = (text: string) => CLASS_WEIGHTS_FLAG.parse(text, "--class-weights");

Deno.test("weights are read from a word, from pairs and from JSON", () => {
  assert.equal(read("balanced"), "balanced");
  assert.deepEqual(read("cat=2,dog=0.5"), { cat: 2, dog: 0.5 });
  assert.deepEqual(read("3=1e1, a=b = 4"), { 3: 10, "a=b": 4 });
  assert.deepEqual(read(' {"a,b": 2, "balanced": 1}'), { "a,b": 2, balanced: 1 });
  assert.deepEqual(read("balanced=3"), { balanced: 3 });
});

Deno.test("what is no weight is refused with what was expected", () => {
  const cases: [text: string, message: RegExp][] = [
    ["even", /^--class-weights is "even", expected balanced, NAME=WEIGHT,NAME=WEIGHT or {"NAME"/],
    ["cat=2,", /is "cat=2,", expected balanced/],
    ["=2", /is "=2", expected/],
    ["cat=", /gives class "cat" the weight "", expected a number above 0$/],
    ["cat=two", /the weight "two"/],
    ["cat=0", /the weight 0, /],
    ["cat=-1", /the weight -1, /],
    ["cat=Infinity", /the weight Infinity, /],
    ["cat=1,cat=2", /names class "cat" twice$/],
    ['{"cat": "2"}', /gives class "cat" the weight "2"/],
    ['{"cat": [2]}', /the weight \[2\]/],
    ['{"cat": 2', /expected balanced/],
  ];
  for (const [text, message] of cases) {
    assert.throws(
      () => read(text),
      (error) => error instanceof UsageError && message.test(error.message),
      text,
    );
  }
});

Deno.test("train takes class weights, and tells them", async () => {
  await using folder = await emptyFolder();
  const data = folder.file("data.csv");
  await Deno.writeTextFile(data, sampleLines(60));
  const train = ["train", data, ...FAST, "--class-weights"];
  const { head } = await graftJson([...train, "dress=2.5,pullover=0.5"], [
    `--allow-read=${data}`,
  ]) as {
    head: Record<string, unknown>;
  };
  assert.equal(head.classWeights, "1 1 1 2.5 0.5 1 1 1 1 1");
  const { code, stderr } = await graft([...train, "hat=2"], [`--allow-read=${data}`]);
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^graft: Cannot use the class weights: "hat" is none of the classes, [^\n]+\n$/,
  );
});
