import assert from "node:assert/strict";
import { OutOfMemory } from "../../src/backend/out_of_memory.ts";
import { failureOf } from "../../src/cli/failure.ts";
import { UsageError, UserError } from "../../src/core/errors.ts";

Deno.test("what users can mend is their message alone, on one line", () => {
  assert.deepEqual(failureOf(new UserError("Cannot read a.csv: it is\n  empty")), {
    code: 1,
    line: "Cannot read a.csv: it is empty",
  });
  assert.deepEqual(failureOf(new UsageError("unknown flag --x")), {
    code: 2,
    line: "unknown flag --x",
  });
});

Deno.test("a missing permission becomes the flag to add", () => {
  const cases = {
    'Requires read access to "a.csv", run again with the --allow-read flag':
      "Cannot go on: Deno grants no read access to a.csv; add --allow-read=a.csv before the name of the program",
    'Requires net access to "example.com:443", run again with the --allow-net flag':
      "Cannot go on: Deno grants no net access to example.com:443; add --allow-net=example.com:443 before the name of the program",
    "Requires sys access, run again with the --allow-sys flag":
      "Cannot go on: Deno grants no sys access; add --allow-sys before the name of the program",
    'Requires all access to "/dev/stdin", run again with the --allow-all flag':
      "Cannot go on: Deno grants not all access to /dev/stdin; add --allow-all before the name of the program",
  };
  for (const [message, line] of Object.entries(cases)) {
    assert.deepEqual(failureOf(new Deno.errors.NotCapable(message)), { code: 1, line });
  }
});

Deno.test("anything else says how to learn more", () => {
  assert.deepEqual(failureOf(new TypeError("x is undefined")), {
    code: 1,
    line: "TypeError: x is undefined (run with --debug for the stack)",
  });
  assert.equal(failureOf("text").line, "text (run with --debug for the stack)");
});

Deno.test("memory that runs out is told by the flags that ask for it, and those that ask for less", () => {
  const much = new OutOfMemory(4e8, 30e9);
  const taken = { "image-size": undefined, "batch-size": undefined, memory: undefined };
  const lines: [flags: Record<string, unknown>, line: string][] = [
    [
      { ...taken, "image-size": 900 },
      "--image-size 900 takes 30.4 GB of memory, and WebAssembly has 4.3 GB at most; give a smaller --image-size or --batch-size, or --memory low",
    ],
    [
      { ...taken, "image-size": 900, "batch-size": 64, memory: "low" },
      "--image-size 900 with --batch-size 64 takes 30.4 GB of memory, and WebAssembly has 4.3 GB at most; give a smaller --image-size or --batch-size",
    ],
    [
      { "image-size": 224 },
      "--image-size 224 takes 30.4 GB of memory, and WebAssembly has 4.3 GB at most; give a smaller --image-size",
    ],
    [
      {},
      "this takes 30.4 GB of memory, and WebAssembly has 4.3 GB at most; give fewer pictures at a time, or a model of a smaller image size",
    ],
  ];
  for (const [flags, line] of lines) {
    assert.deepEqual(failureOf(much, flags), { code: 1, line: `Cannot go on: ${line}` });
  }
  assert.match(
    failureOf(new OutOfMemory(4e9), taken).line,
    /^Cannot go on: this takes more memory than the 4\.3 GB that WebAssembly has at most; give a /,
  );
});
