import assert from "node:assert/strict";
import {
  bytesField,
  encodeMessage,
  messageField,
  textField,
  wholeField,
} from "../../../src/store/export/protobuf.ts";

// Examples of protobuf.dev/programming-guides/encoding.
Deno.test("fields are written as protobuf's own description does it", () => {
  assert.deepEqual([...encodeMessage(wholeField(1, 150))], [0x08, 0x96, 0x01]);
  assert.deepEqual([...encodeMessage(textField(2, "testing"))], [
    0x12,
    0x07,
    ...new TextEncoder().encode("testing"),
  ]);
  const inner = messageField(3, wholeField(1, 150));
  assert.deepEqual([...encodeMessage(inner)], [0x1a, 0x03, 0x08, 0x96, 0x01]);
});

Deno.test("numbers beyond 32 bits, field numbers beyond 15 and long contents are written whole", () => {
  const large = encodeMessage(wholeField(20, 2 ** 40 + 1));
  assert.deepEqual([...large], [0xa0, 0x01, 0x81, 0x80, 0x80, 0x80, 0x80, 0x20]);
  assert.equal(encodeMessage(bytesField(9, new Uint8Array(300))).length, 1 + 2 + 300);
  assert.deepEqual([...encodeMessage(bytesField(9, new Uint8Array(300))).subarray(0, 3)], [
    0x4a,
    0xac,
    0x02,
  ]);
  for (const value of [-1, 0.5, NaN]) assert.throws(() => wholeField(1, value), RangeError);
});
