import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import { readIdx } from "../../src/data/idx.ts";

/** An IDX file of bytes. */
function idx(shape: number[], data: number[], type = 8): Uint8Array<ArrayBuffer> {
  const sizes = shape.flatMap((
    size,
  ) => [size >>> 24, size >>> 16 & 255, size >>> 8 & 255, size & 255]);
  return Uint8Array.from([0, 0, type, shape.length, ...sizes, ...data]);
}

async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function refuses(bytes: Uint8Array, part: string): Promise<void> {
  await assert.rejects(readIdx(bytes, "x.idx"), (error: Error) => {
    assert.ok(error instanceof UserError, `${error.stack}`);
    assert.ok(error.message.startsWith("Cannot read x.idx: "), error.message);
    assert.ok(error.message.includes(part) && !error.message.includes("\n"), error.message);
    return true;
  });
}

Deno.test("IDX is read, plain and compressed", async () => {
  const file = idx([2, 1, 3], [1, 2, 3, 4, 5, 255]);
  for (const bytes of [file, await gzip(file)]) {
    const { shape, data } = await readIdx(bytes);
    assert.deepEqual(shape, [2, 1, 3]);
    assert.deepEqual([...data], [1, 2, 3, 4, 5, 255]);
  }
});

Deno.test("IDX that is cut off, too long or something else is refused", async () => {
  await refuses(idx([4], [1, 2, 3]), "ends after 3 bytes, expected 4 bytes");
  await refuses(await gzip(idx([4], [1, 2, 3])), "ends after 3 bytes");
  await refuses(idx([2], [1, 2, 3]), "more data than the 2 bytes of shape [2]");
  await refuses(idx([2, 2], []).subarray(0, 7), "ends after 7 bytes, expected a whole header");
  await refuses(new Uint8Array(0), "expected a whole header");
  await refuses(new TextEncoder().encode("a,b\n1,2\n"), "it is no IDX file");
  await refuses(idx([1], [0, 0, 0, 0], 0x0d), "element type is 13");
  await refuses(idx([0xffffffff, 0xffffffff], []), "too large");
  await refuses((await gzip(idx([4], [1, 2, 3, 4]))).subarray(0, 20), "decompressing failed");
});

Deno.test("a gzip bomb stops at the size that the header announces", async () => {
  const bomb = new Uint8Array(50_000_000);
  bomb.set(idx([10], []));
  await refuses(await gzip(bomb), "more data than the 10 bytes");
});

const folder = new URL("../../../shared/data/fashion-mnist/", import.meta.url);
const present = await Deno.stat(folder).then(() => true, () => false);
if (!present) {
  console.warn("SKIPPED: Fashion-MNIST is not in ../shared/data, its reading is not tested");
}

Deno.test(
  { name: "Fashion-MNIST is 60,000 pictures of 10 classes", ignore: !present },
  async () => {
    const read = async (name: string) => readIdx(await Deno.readFile(new URL(name, folder)), name);
    const images = await read("train-images-idx3-ubyte.gz");
    const labels = await read("train-labels-idx1-ubyte.gz");
    assert.deepEqual(images.shape, [60000, 28, 28]);
    assert.deepEqual(labels.shape, [60000]);
    const counts = new Int32Array(10);
    for (const label of labels.data) counts[label]++;
    assert.deepEqual([...counts], Array(10).fill(6000));
  },
);
