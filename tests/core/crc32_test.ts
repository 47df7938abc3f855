import assert from "node:assert/strict";
import { crc32 } from "../../src/core/crc32.ts";

// Python: [zlib.crc32(x) for x in (b"", b"a", bytes(range(256)) * 5)]
Deno.test("the checksum is that of zlib", () => {
  const all = Uint8Array.from({ length: 256 * 5 }, (_, i) => i % 256);
  const found = [new Uint8Array(0), Uint8Array.of(0x61), all].map(crc32);
  assert.deepEqual(found, [0, 3904355907, 511339812]);
});
