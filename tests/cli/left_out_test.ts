// Numbers of pictures and files agree with their words.
import assert from "node:assert/strict";
import { leftOutLines } from "../../src/cli/data_flags.ts";
import { accuracyLine } from "../../src/cli/reports.ts";

Deno.test("one picture is one picture, and several are several", () => {
  const skipped = [{ name: "a.jpg", reason: "it is empty" }];
  const last = (length: number) => leftOutLines({ length, skipped, passedOver: 1 }).slice(1);
  assert.deepEqual(last(1), [
    "1 file left out, 1 picture remains; --on-error stop stops instead",
    "passed over 1 file without pictures",
  ]);
  assert.match(last(2)[0], /^1 file left out, 2 pictures remain;/);
  assert.match(accuracyLine({ value: 1, low: 0.2, high: 1, n: 1 }), /, 1 picture\)$/);
});
