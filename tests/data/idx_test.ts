import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import { readIdx } from "../../src/data/idx.ts";
import { emptyFolder } from "../cli/graft.ts";

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
  await assert.rejects(readIdx(bytes, { name: "x.idx" }), (error: Error) => {
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
  const endless = new Array(254).fill(0xffffffff);
  await refuses(idx([...endless, 0], []), "announces NaN bytes"); // infinite, times nothing
  await assert.rejects(readIdx(idx(endless, [])), ({ message }) => message.length < 400);
  await refuses((await gzip(idx([4], [1, 2, 3, 4]))).subarray(0, 20), "decompressing failed");
});

Deno.test("what is wrong with a compressed file is said though its pipe is silent from there on", async () => {
  const noise = crypto.getRandomValues(new Uint8Array(8192));
  const bad = await gzip(idx([8192], [...noise], 9)); // more than is looked at beforehand
  const broken = (await gzip(idx([8192], [...noise]))).fill(255, 100);
  for (
    const [start, part] of [[bad, "element type is 9"], [broken, "decompressing failed"]] as const
  ) {
    const chunks = (async function* () {
      yield start;
      await new Promise(() => {}); // nothing comes, and no end
    })();
    await assert.rejects(
      readIdx({ name: "/dev/stdin", size: undefined, chunks }),
      (error: Error) => error instanceof UserError && error.message.includes(part),
    );
  }
});

Deno.test("a gzip bomb stops at the size that the header announces", async () => {
  const bomb = new Uint8Array(50_000_000);
  bomb.set(idx([10], []));
  await refuses(await gzip(bomb), "more data than the 10 bytes");
});

Deno.test("few compressed bytes that announce very many are refused before they are unpacked", async () => {
  // 100 MB of zeros in 100 kB, behind a header that is true.
  const header = idx([100, 1000, 1000], []);
  const bytes = new Uint8Array(header.length + 100_000_000);
  bytes.set(header);
  await refuses(await gzip(bytes), "as in a decompression bomb; if that is right, unpack the file");
});

Deno.test("a header that is wrong about a file of known size is refused before its data are read", async () => {
  let read = 0;
  const input = (size: number) => ({
    name: "x.idx",
    size,
    chunks: (async function* () {
      yield await Promise.resolve(idx([1000, 1000], new Array(8192).fill(0)));
      read++;
      yield new Uint8Array(8192);
    })(),
  });
  await assert.rejects(readIdx(input(900_000)), /ends after 899988 bytes, expected 1000000 bytes/);
  await assert.rejects(readIdx(input(2_000_000)), /more data than the 1000000 bytes/);
  assert.equal(read, 0);
});

Deno.test("a compressed file takes the memory of what it announces, once", async () => {
  await using folder = await emptyFolder();
  const path = folder.file("train-images-idx3-ubyte.gz");
  const pixels = 200_000_000;
  async function* content() {
    yield Uint8Array.from([
      0,
      0,
      8,
      3,
      ...[200, 1000, 1000].flatMap((n) => [0, 0, n >> 8, n & 255]),
    ]);
    const block = crypto.getRandomValues(new Uint8Array(50_000)); // of which a fifth is noise
    const image = new Uint8Array(1_000_000);
    for (let i = 0; i < 4; i++) image.set(block, i * 250_000);
    for (let done = 0; done < pixels; done += image.length) yield image;
  }
  const file = await Deno.open(path, { write: true, create: true });
  await ReadableStream.from(content()).pipeThrough(new CompressionStream("gzip"))
    .pipeTo(file.writable);
  const module = (name: string) =>
    JSON.stringify(new URL(`../../src/${name}`, import.meta.url).href);
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      "--no-lock",
      `import { openBytes } from ${module("data/byte_input.ts")};
      import { readIdx } from ${module("data/idx.ts")};
      const before = Deno.memoryUsage().rss;
      using input = await openBytes(${JSON.stringify(path)});
      let most = 0;
      async function* watched() {
        for await (const chunk of input.chunks) {
          most = Math.max(most, Deno.memoryUsage().rss);
          yield chunk;
        }
      }
      const { data } = await readIdx({ ...input, chunks: watched() });
      most = Math.max(most, Deno.memoryUsage().rss);
      console.log(JSON.stringify([data.length, most - before]));`,
    ],
  }).output();
  assert.equal(new TextDecoder().decode(stderr), "");
  const [length, memory] = JSON.parse(new TextDecoder().decode(stdout));
  assert.equal(length, pixels);
  assert.ok(memory < pixels + 100e6, `${memory} bytes for ${pixels}`);
});

const folder = new URL("../../../shared/data/fashion-mnist/", import.meta.url);
const present = await Deno.stat(folder).then(() => true, () => false);
if (!present) {
  console.warn("SKIPPED: Fashion-MNIST is not in ../shared/data, its reading is not tested");
}

Deno.test(
  { name: "Fashion-MNIST is 60,000 pictures of 10 classes", ignore: !present },
  async () => {
    const read = async (name: string) =>
      readIdx(await Deno.readFile(new URL(name, folder)), { name });
    const images = await read("train-images-idx3-ubyte.gz");
    const labels = await read("train-labels-idx1-ubyte.gz");
    assert.deepEqual(images.shape, [60000, 28, 28]);
    assert.deepEqual(labels.shape, [60000]);
    const counts = new Int32Array(10);
    for (const label of labels.data) counts[label]++;
    assert.deepEqual([...counts], Array(10).fill(6000));
  },
);
