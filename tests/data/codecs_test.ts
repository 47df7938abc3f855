// The kernels for images in WebAssembly: the bytes are those that their sources make, and their memory does not grow.
import assert from "node:assert/strict";
import { decodeBase64 } from "../../src/core/base64.ts";
import { checkDecodable, decodeImage } from "../../src/data/decode.ts";
import { withKernels } from "../../src/data/picture_kernels.ts";
import fixture from "../fixtures/images.json" with { type: "json" };

Deno.test("the embedded kernels are what their sources make", async () => {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--lock=tests/deno.lock", "-A", "src/data/_codecs/build.ts", "--check"],
    cwd: new URL("../../", import.meta.url),
    env: { NO_COLOR: "1" },
  }).output();
  const said = new TextDecoder().decode(stderr);
  if (code !== 0 && /sending request|registry\.npmjs\.org.*(dns|connect|offline)/is.test(said)) {
    console.warn("SKIPPED: npm cannot be reached, the embedded kernels were not compared");
    return;
  }
  assert.equal(code, 0, said);
});

Deno.test("the kernels' memory does not grow with the number of images, sound or damaged", async () => {
  const files = fixture.images.map(({ file }) => decodeBase64(file));
  const memory = () => withKernels((kernels) => kernels.memory.buffer.byteLength);
  for (const file of files) await decodeImage(file);
  const size = memory();
  for (let i = 0; i < 50; i++) {
    for (const file of files) {
      await decodeImage(file);
      checkDecodable(file);
      await decodeImage(file.subarray(0, file.length >> 1)).catch(() => {});
    }
  }
  assert.equal(memory(), size);
});
