import assert from "node:assert/strict";
import {
  choiceFlag,
  type FlagTable,
  numberFlag,
  numbersFlag,
  readFlags,
  switchFlag,
  textFlag,
} from "../../src/cli/flags.ts";
import { UsageError } from "../../src/core/errors.ts";

const TABLE = {
  weights: textFlag("NAME", "checkpoint", "imagenet"),
  label: textFlag("COLUMN", "label column"),
  out: textFlag("PATH", "where to"),
  "test-size": numberFlag("SHARE", "share", { min: 0 }, 0.1),
  epochs: numberFlag("N", "passes", { min: 1, whole: true }),
  lr: numberFlag("RATE", "step size", { min: 0, aboveMin: true }),
  head: choiceFlag(["probe", "linear"], "which head", "probe"),
  stages: numbersFlag("4,5,8", "stages", ",", { min: 1, max: 8 }),
  shape: numbersFlag("28x28x1", "shape", "x"),
  json: switchFlag("JSON"),
} satisfies FlagTable;

function refusal(args: string[]): string {
  try {
    readFlags(args, TABLE);
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error));
    return error.message;
  }
  throw new Error(`${args.join(" ")} was accepted`);
}

Deno.test("flags that are not given have their defaults", () => {
  assert.deepEqual(readFlags([], TABLE), {
    words: [],
    values: {
      weights: "imagenet",
      label: undefined,
      out: undefined,
      "test-size": 0.1,
      epochs: undefined,
      lr: undefined,
      head: "probe",
      stages: undefined,
      shape: undefined,
      json: false,
    },
  });
});

Deno.test("flags are read in any order, with a space or =, beside words that stay text", () => {
  const args = ["a.csv", "--test-size=100", "--json", "7", "--head", "linear", "--stages", "4,5,8"];
  const { values, words } = readFlags([...args, "-o", "m.bin", "--shape=28x28x1"], TABLE);
  assert.deepEqual(words, ["a.csv", "7"]);
  assert.equal(values["test-size"], 100);
  assert.equal(values.head, "linear");
  assert.equal(values.json, true);
  assert.equal(values.out, "m.bin");
  assert.deepEqual(values.stages, [4, 5, 8]);
  assert.deepEqual(values.shape, [28, 28, 1]);
});

Deno.test("what follows -- is no flag", () => {
  assert.deepEqual(readFlags(["--", "--json"], TABLE).words, ["--json"]);
});

Deno.test("an unknown flag is refused, with the nearest known one", () => {
  assert.equal(refusal(["--wieghts", "x"]), "unknown flag --wieghts; did you mean --weights?");
  assert.equal(refusal(["--test_size=0.2"]), "unknown flag --test_size; did you mean --test-size?");
  assert.equal(refusal(["--stage", "4"]), "unknown flag --stage; did you mean --stages?");
  assert.equal(refusal(["--banana"]), "unknown flag --banana");
  assert.equal(refusal(["-x"]), "unknown flag -x");
});

Deno.test("a flag without its value is refused", () => {
  assert.equal(refusal(["--out"]), "--out needs a value: --out PATH");
  assert.equal(refusal(["--out", "--json"]), "--out needs a value: --out PATH");
  assert.equal(refusal(["--out="]), "--out needs a value");
});

Deno.test("a value that does not fit is refused, with what is expected", () => {
  assert.equal(
    refusal(["--epochs", "1.5"]),
    '--epochs is "1.5", expected a whole number of at least 1',
  );
  assert.equal(refusal(["--epochs=x"]), '--epochs is "x", expected a whole number of at least 1');
  assert.equal(refusal(["--lr", "0"]), '--lr is "0", expected a number above 0');
  assert.equal(refusal(["--test-size=-1"]), '--test-size is "-1", expected a number of at least 0');
  assert.equal(refusal(["--head", "tail"]), '--head is "tail", expected "probe" or "linear"');
  assert.equal(refusal(["--stages", "4;5"]), '--stages is "4;5", expected the form 4,5,8');
  assert.equal(refusal(["--stages", "4,9"]), '--stages is "4,9", expected numbers from 1 to 8');
  assert.equal(refusal(["--stages=0"]), '--stages is "0", expected numbers from 1 to 8');
});

Deno.test("a flag that takes one value is refused a second", () => {
  assert.equal(
    refusal(["--epochs", "2", "x.csv", "--epochs=3"]),
    '--epochs is given 2 times, as "2" and "3", expected one value',
  );
  assert.equal(
    refusal(["-o", "a", "--out", "b", "--out=b"]),
    '--out is given 3 times, as "a" and "b" and "b", expected one value',
  );
  assert.equal(readFlags(["--json", "--json"], TABLE).values.json, true);
});

Deno.test("a negative number is the value of the flag before it", () => {
  assert.equal(
    refusal(["--epochs", "-1"]),
    '--epochs is "-1", expected a whole number of at least 1',
  );
  assert.equal(refusal(["--lr", "-.5"]), '--lr is "-.5", expected a number above 0');
  assert.equal(readFlags(["-o", "-1"], TABLE).values.out, "-1");
  assert.equal(refusal(["--json", "-1"]), "unknown flag -1"); // a switch has no value
  assert.equal(refusal(["--out", "-x"]), "unknown flag -x");
  assert.deepEqual(readFlags(["--out", "a", "--", "--epochs", "-1"], TABLE).words, [
    "--epochs",
    "-1",
  ]);
});
