/**
 * Decoding and checking of image files beside those of another checkout, in turn; the best of 25 runs:
 * `deno run -A bench/decode_files.ts OTHER_CHECKOUT a.jpg b.png`.
 *
 * @module
 */

/** The module in question, of this checkout or another one. */
interface Decoder {
  decodeImage(file: Uint8Array): Promise<unknown>;
  checkDecodable(file: Uint8Array): unknown;
}

const RUNS = 25;

const [other, ...files] = Deno.args;
const decoders: Decoder[] = await Promise.all([
  import(new URL(`${other}/src/data/decode.ts`, `file://${Deno.cwd()}/`).href),
  import("../src/data/decode.ts"),
]);

for (const path of files) {
  const file = await Deno.readFile(path);
  const best = [Infinity, Infinity, Infinity, Infinity];
  for (let run = 0; run < RUNS; run++) {
    for (const [i, { decodeImage, checkDecodable }] of decoders.entries()) {
      for (const [j, read] of [decodeImage, checkDecodable].entries()) {
        const start = performance.now();
        await read(file);
        best[2 * j + i] = Math.min(best[2 * j + i], performance.now() - start);
      }
    }
  }
  const [before, after, checkBefore, checkAfter] = best.map((ms) => ms.toFixed(3));
  console.log(`| ${path} | ${before} | ${after} | ${checkBefore} | ${checkAfter} |`);
}
