/**
 * Writes Fashion-MNIST's 60,000 training pictures as a CSV of pixels in the lab's form ("V1",…,"V784","y"):
 * 133 MB, what the benchmark of the CSV reader reads.
 *
 *     deno run --allow-read --allow-write bench/make_fashion_csv.ts /tmp/fashion.csv [rows, default 60000]
 *
 * @module
 */
import { readIdx } from "../src/data/idx.ts";

const [out, limit = "60000"] = Deno.args;
if (out === undefined) {
  console.error("usage: make_fashion_csv.ts OUT.csv [ROWS]");
  Deno.exit(2);
}
const folder = new URL("../../shared/data/fashion-mnist/", import.meta.url);
const read = async (name: string) =>
  await readIdx(await Deno.readFile(new URL(name, folder)), { name });
const images = await read("train-images-idx3-ubyte.gz");
const labels = await read("train-labels-idx1-ubyte.gz");

const [n, height, width] = images.shape;
const pixels = height * width;
const rows = Math.min(n, Number(limit));
const header = Array.from({ length: pixels }, (_, i) => `"V${i + 1}"`).join(",") + ',"y"\n';

const file = await Deno.open(out, { write: true, create: true, truncate: true });
const writer = file.writable.getWriter();
const encoder = new TextEncoder();
await writer.write(encoder.encode(header));
for (let start = 0; start < rows; start += 1000) {
  let text = "";
  for (let row = start; row < Math.min(start + 1000, rows); row++) {
    text += `${images.data.subarray(row * pixels, (row + 1) * pixels).join()},${
      labels.data[row]
    }\n`;
  }
  await writer.write(encoder.encode(text));
}
await writer.close();
console.log(`${out}: ${rows} rows of ${height} x ${width} pixels`);
