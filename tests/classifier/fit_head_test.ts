import assert from "node:assert/strict";
import { fitHead } from "../../src/classifier/fit_head.ts";
import { UserError } from "../../src/core/errors.ts";

Deno.test("a head without the names of its classes is refused in words", async () => {
  const features = { data: new Float32Array(8), rows: 4, columns: 2 };
  const labels = Int32Array.of(0, 1, 0, 1);
  await assert.rejects(
    fitHead(features, labels, undefined as unknown as string[]),
    (error) =>
      error instanceof UserError &&
      /classes are nothing \(undefined\), expected the list of their names/.test(error.message),
  );
});
