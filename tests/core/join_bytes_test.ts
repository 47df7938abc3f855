import assert from "node:assert/strict";
import { firstBytes } from "../../src/core/join_bytes.ts";

Deno.test("the first bytes take no more pieces than they need", () => {
  let taken = 0;
  function* pieces() {
    for (; taken < 5; taken++) yield Uint8Array.of(10 * taken, 10 * taken + 1);
  }
  assert.deepEqual([...firstBytes(pieces(), 3)], [0, 1, 10]);
  assert.equal(taken, 1, "the third piece was never asked for");
  assert.deepEqual([...firstBytes([Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2)], 9)], [
    1,
    2,
  ]);
});
