import assert from "node:assert/strict";
import { sha256Hex, sha256HexOf } from "../../src/core/sha256.ts";

Deno.test("pieces have the hash of the whole, few or many bytes", async () => {
  const whole = new Uint8Array(40_000_001);
  for (let i = 0; i < whole.length; i += 997) whole[i] = i;
  for (const length of [0, 1, 5_000_000, whole.length]) {
    const bytes = whole.subarray(0, length);
    for (const size of [777_777, 1 << 24, 1 << 26]) {
      const pieces = function* () {
        for (let at = 0; at < length; at += size) yield bytes.subarray(at, at + size);
      };
      assert.equal(await sha256HexOf(pieces()), await sha256Hex(bytes), `${length} by ${size}`);
    }
  }
});
