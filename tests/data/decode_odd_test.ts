// Images that are unusual but sound, beside what PIL makes of them (fixtures/make_odd_images.py): equal to the bit.
import assert from "node:assert/strict";
import { decodeBase64 } from "../../src/core/base64.ts";
import { sha256Hex } from "../../src/core/sha256.ts";
import { checkDecodable, decodeImage } from "../../src/data/decode.ts";
import cases from "../fixtures/odd_images.json" with { type: "json" };

for (const { name, file, shape, sha256 } of cases) {
  const bytes = decodeBase64(file);
  if (shape === null) {
    Deno.test(`${name}: refused, as by PIL`, async () => {
      const line = /^Cannot read odd: the (JPEG|PNG) is cut off or damaged; get it again$/;
      const expected = { name: "UserError", message: line };
      await assert.rejects(decodeImage(bytes, { name: "odd" }), expected);
      assert.throws(() => checkDecodable(bytes, { name: "odd" }), expected);
    });
    continue;
  }
  Deno.test(`${name}: decoded as by PIL`, async () => {
    const { data, height, width, channels } = await decodeImage(bytes);
    assert.deepEqual([height, width, channels], shape);
    assert.equal(await sha256Hex(data), sha256);
    assert.deepEqual(checkDecodable(bytes), { height, width, channels });
  });
}
