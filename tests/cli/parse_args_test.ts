// Pins what graft relies on in @std/cli's parseArgs. Runs on the stand-in in offline/cli, and, by
// `deno task test:genuine`, on the genuine package: the expectations are upstream's documented behaviour.
import assert from "node:assert/strict";
import { parseArgs } from "../../src/deps.ts";

/** As a plain record: the genuine package infers a narrower type from literal options. */
function parse(args: string[], options: Parameters<typeof parseArgs>[1]): Record<string, unknown> {
  return { ...parseArgs(args, options) };
}

Deno.test("a string flag takes the next argument or what follows =", () => {
  assert.deepEqual(
    parse(["--out", "a.bin", "--label=y", "data.csv"], { string: ["out", "label", "_"] }),
    { _: ["data.csv"], out: "a.bin", label: "y" },
  );
  assert.deepEqual(parse(["--label=a=b"], { string: ["label"] }), { _: [], label: "a=b" });
});

Deno.test("a string flag without a value is empty text, and another flag is never its value", () => {
  assert.deepEqual(
    parse(["--out", "--json"], { string: ["out"], boolean: ["json"] }),
    { _: [], out: "", json: true },
  );
  assert.deepEqual(parse(["--out"], { string: ["out"] }), { _: [], out: "" });
});

Deno.test("numbers stay text in string flags and in _ where asked, and become numbers elsewhere", () => {
  assert.deepEqual(parse(["7", "--n", "5"], { string: ["n", "_"] }), { _: ["7"], n: "5" });
  assert.deepEqual(parse(["7", "x", "--n", "0x10"], {}), { _: [7, "x"], n: 16 });
});

Deno.test("boolean flags take no value, are false when absent, and accept true and false", () => {
  assert.deepEqual(
    parse(["--json", "x"], { boolean: ["json", "quiet"] }),
    { _: ["x"], json: true, quiet: false },
  );
  assert.deepEqual(parse(["--json=false"], { boolean: ["json"] }), { _: [], json: false });
  assert.deepEqual(parse(["--json", "false"], { boolean: ["json"] }), { _: [], json: false });
  assert.deepEqual(parse(["--a", "x", "--b=y"], { boolean: true }), { _: ["x"], a: true, b: "y" });
});

Deno.test("collected flags gather their values, and are empty arrays when absent", () => {
  assert.deepEqual(
    parse(["--s", "a", "--s=b"], { string: ["s", "t"], collect: ["s", "t"] }),
    { _: [], s: ["a", "b"], t: [] },
  );
  assert.deepEqual(parse(["--s", "a", "--s", "b"], { string: ["s"] }), { _: [], s: "b" });
});

Deno.test("--no- negates negatable flags only", () => {
  const options = { boolean: ["color"], negatable: ["color"], default: { color: true } };
  assert.deepEqual(parse(["--no-color"], options), { _: [], color: false });
  assert.deepEqual(parse([], options), { _: [], color: true });
  assert.deepEqual(parse(["--no-color"], {}), { _: [], "no-color": true });
});

Deno.test("aliases share a value, its kind and its default", () => {
  assert.deepEqual(
    parse(["-o", "5", "-q"], {
      string: ["out"],
      boolean: ["quiet"],
      alias: { out: "o", quiet: ["q", "silent"] },
    }),
    { _: [], out: "5", o: "5", quiet: true, q: true, silent: true },
  );
  assert.deepEqual(
    parse([], { alias: { out: "o" }, default: { out: "x" } }),
    { _: [], out: "x", o: "x" },
  );
});

Deno.test("letters cluster and may carry a value", () => {
  assert.deepEqual(parse(["-abc", "x"], { boolean: ["a", "b"] }), {
    _: [],
    a: true,
    b: true,
    c: "x",
  });
  assert.deepEqual(parse(["-n5"], {}), { _: [], n: 5 });
  assert.deepEqual(parse(["-k=v", "-"], { boolean: ["z"] }), { _: ["-"], z: false, k: "v" });
});

Deno.test("unknown is told of flags and words that no list names, and may drop them", () => {
  const told: unknown[][] = [];
  const parsed = parse(["--wieghts", "x", "word", "--json", "-z"], {
    boolean: ["json"],
    unknown: (arg: string, key?: string, value?: unknown) => {
      told.push([arg, key, value]);
      return key === undefined;
    },
  });
  assert.deepEqual(parsed, { _: ["word"], json: true });
  assert.deepEqual(told, [
    ["--wieghts", "wieghts", "x"],
    ["word", undefined, undefined],
    ["-z", "z", true],
  ]);
});

Deno.test("a lone -- ends the flags", () => {
  assert.deepEqual(
    parse(["a", "--", "--json", "1"], { boolean: ["json"], string: ["_"] }),
    { _: ["a", "--json", "1"], json: false },
  );
  assert.deepEqual(
    parse(["a", "--", "--json"], { boolean: ["json"], "--": true }),
    { _: ["a"], json: false, "--": ["--json"] },
  );
});

Deno.test("stopEarly leaves everything after the first word alone", () => {
  assert.deepEqual(
    parse(["--json", "train", "--json", "x"], { boolean: ["json"], stopEarly: true }),
    { _: ["train", "--json", "x"], json: true },
  );
});
