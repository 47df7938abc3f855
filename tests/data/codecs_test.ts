// The decoders in WebAssembly: the bytes are those of the package, and what they reserve they give back.
import assert from "node:assert/strict";
import { decodeBase64 } from "../../src/core/base64.ts";
import fixture from "../fixtures/images.json" with { type: "json" };

Deno.test("the embedded decoders are those of the npm package", async () => {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--unstable-raw-imports", "src/data/_codecs/build.ts", "--check"],
    cwd: new URL("../../", import.meta.url),
    env: { NO_COLOR: "1" },
  }).output();
  const said = new TextDecoder().decode(stderr);
  if (code !== 0 && /sending request|registry\.npmjs\.org.*(dns|connect|offline)/is.test(said)) {
    console.warn("SKIPPED: npm cannot be reached, the embedded decoders were not compared");
    return;
  }
  assert.equal(code, 0, said);
});

/** A copy of the decoders' module, which has no instance yet. */
async function freshCodecs(): Promise<typeof import("../../src/data/codecs.ts")> {
  const url = new URL("../../src/data/codecs.ts?fresh", import.meta.url);
  return await import(url.href);
}

Deno.test("a decoder's memory does not grow with the number of pictures", async () => {
  const memories: WebAssembly.Memory[] = [];
  const Original = WebAssembly.Instance;
  WebAssembly.Instance = class extends Original {
    constructor(module: WebAssembly.Module, imports?: WebAssembly.Imports) {
      super(module, imports);
      memories.push(this.exports.memory as WebAssembly.Memory);
    }
  };
  try {
    const { decodePng } = await freshCodecs();
    // Together more than the memories' first 1 and 16 MiB, were a picture of 2 KB or its file not given back.
    const runs = [["rgb.png", decodePng, 12000]] as const;
    for (const [name, decode, times] of runs) {
      const bytes = decodeBase64(fixture.images.find((image) => image.name === name)!.file);
      memories.length = 0;
      assert.ok(await decode(bytes));
      const size = memories[0].buffer.byteLength;
      for (let i = 0; i < times; i++) await decode(bytes);
      assert.equal(memories.length, 1, "the instance is used again");
      assert.ok(memories[0].buffer.byteLength - size < 1 << 20, name);
      // A damaged file leaves nothing behind either.
      for (let i = 0; i < times; i++) await decode(bytes.subarray(0, -9));
      assert.equal(memories.length, 1, "an error is no trap");
      assert.ok(memories[0].buffer.byteLength - size < 1 << 20, `${name} cut off`);
    }
  } finally {
    WebAssembly.Instance = Original;
  }
});
