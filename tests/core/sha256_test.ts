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

Deno.test("where there is no node:crypto, as in a browser, many bytes have the same hash", async () => {
  const map = { imports: { "node:crypto": "data:text/javascript,throw new TypeError('absent')" } };
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/map.json`, JSON.stringify(map));
    const program = `
      import { sha256HexOf } from ${
      JSON.stringify(new URL("../../src/core/sha256.ts", import.meta.url).href)
    };
      const hidden = await import("node:crypto").then(() => false, () => true);
      const pieces = Array.from({ length: 40 }, (_, i) => new Uint8Array(1 << 20).fill(i));
      console.log(hidden, await sha256HexOf(pieces));`;
    await Deno.writeTextFile(`${folder}/program.ts`, program);
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-config",
        "--quiet",
        `--import-map=${folder}/map.json`,
        `${folder}/program.ts`,
      ],
    }).output();
    const bytes = new Uint8Array(40 << 20);
    for (let i = 0; i < 40; i++) bytes.fill(i, i << 20, (i + 1) << 20);
    const said = new TextDecoder().decode(stdout).trim();
    assert.equal(said, `true ${await sha256Hex(bytes)}`, new TextDecoder().decode(stderr));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
