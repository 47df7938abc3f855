import assert from "node:assert/strict";
import { checkOptions, type OptionKinds } from "../../src/core/check_options.ts";
import { UserError } from "../../src/core/errors.ts";

interface Options {
  readonly testSize?: number;
  readonly shuffle?: boolean;
  readonly classes?: readonly string[];
  readonly label?: string | null;
  readonly method: "probe" | "linear";
  readonly onEpoch?: (epoch: number) => void;
  readonly stop?: AbortSignal;
  readonly tuning?: { readonly patience?: number; readonly memory?: "low" };
}

const KINDS: OptionKinds<Options> = {
  testSize: "number",
  shuffle: "boolean",
  classes: "list",
  label: "any",
  method: "string",
  onEpoch: "function",
  stop: "signal",
  tuning: { patience: "number", memory: "string" },
};

// The type check holds the tables to the types: each of these is an error, or `deno check` says that it is expected to be one.
// @ts-expect-error an option is missing
export const MISSING: OptionKinds<Options> = { ...KINDS, shuffle: undefined };
// @ts-expect-error there is no such option
export const SURPLUS: OptionKinds<{ a?: number }> = { a: "number", b: "number" };
// @ts-expect-error it is of another type
export const OTHER: OptionKinds<{ a?: number }> = { a: "string" };

const taker = { action: "train", method: "fit" };

function complaint(options: unknown): string {
  try {
    checkOptions(options, KINDS, taker);
  } catch (error) {
    assert.ok(error instanceof UserError, `${error}`);
    return error.message;
  }
  return "";
}

Deno.test("options that are there, of their type, absent or undefined pass", () => {
  const all = {
    testSize: 0.1,
    shuffle: false,
    classes: ["a"],
    label: null,
    method: "probe",
    onEpoch: () => {},
    stop: AbortSignal.abort(),
    tuning: { patience: Infinity, memory: undefined },
  };
  for (const options of [undefined, {}, all, { epoch: undefined }]) {
    assert.equal(complaint(options), "");
  }
});

Deno.test("a misspelt option is told the one that is meant, by letters and by convention", () => {
  const cases: [options: unknown, message: string][] = [
    [{ test_size: 1 }, 'Cannot train: fit has no option "test_size"; did you mean "testSize"?'],
    [{ TESTSIZE: 1 }, 'Cannot train: fit has no option "TESTSIZE"; did you mean "testSize"?'],
    [{ class: [] }, 'Cannot train: fit has no option "class"; did you mean "classes"?'],
    [
      { tuning: { patients: 3 } },
      'Cannot train: fit has no option "tuning.patients"; did you mean "patience"?',
    ],
    [
      { banana: 3 },
      'Cannot train: fit has no option "banana"; it takes testSize, shuffle, classes, label, method, onEpoch, stop, tuning',
    ],
  ];
  for (const [options, message] of cases) assert.equal(complaint(options), message);
});

Deno.test("an option of another type is told its own", () => {
  const cases: [options: unknown, message: string][] = [
    [{ testSize: "0.1" }, 'testSize is the text "0.1", expected a number'],
    [{ testSize: null }, "testSize is nothing (null), expected a number"],
    [{ shuffle: "no" }, 'shuffle is the text "no", expected true or false'],
    [{ shuffle: 1 }, "shuffle is 1, expected true or false"],
    [{ classes: "cat" }, 'classes is the text "cat", expected a list'],
    [{ method: 3 }, "method is 3, expected a text"],
    [{ onEpoch: {} }, "onEpoch is an object, expected a function"],
    [
      { stop: new AbortController() },
      "stop is an AbortController, expected an AbortSignal, as the signal of an AbortController",
    ],
    [
      { testSize: Promise.resolve(1) },
      "testSize is a Promise, expected a number; it is not there yet: await it",
    ],
    [{ tuning: "low" }, "tuning is a string, expected an object"],
    [{ tuning: { patience: "3" } }, 'tuning.patience is the text "3", expected a number'],
  ];
  for (const [options, message] of cases) {
    assert.equal(complaint(options).slice(0, message.length + 14), `Cannot train: ${message}`);
  }
});

Deno.test("what is no options at all is refused", () => {
  const wanted = (kind: string) =>
    `Cannot train: the options of fit are ${kind}, expected an object`;
  const cases: [options: unknown, kind: string][] = [
    [null, "nothing (null)"],
    [3, "a number"],
    ["probe", "a string"],
    [[], "a list"],
    [new Uint8Array(1), "a Uint8Array"],
    [Promise.resolve({}), "a Promise"],
    [new URL("file:///a"), "a URL"],
  ];
  for (const [options, kind] of cases) {
    assert.ok(complaint(options).startsWith(wanted(kind)), complaint(options));
  }
});
