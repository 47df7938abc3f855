import assert from "node:assert/strict";
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
