/** Bodies without end, for whoever downloads. */
import assert from "node:assert/strict";
import { openSource } from "../../src/data/sources/open_source.ts";
import { loadModel } from "../../src/store/bundle.ts";
import { loadWeights } from "../../src/weights/load.ts";
import { writeSafetensors } from "../../src/weights/safetensors.ts";
import { assertUserError } from "../weights/fixtures.ts";

const MB = 2 ** 20;

/** Sends `start`, then zeros for ever, and counts them. `told` is the length that it claims. */
function serveEndless(start: Uint8Array<ArrayBuffer>, told?: number) {
  let sent = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    let piece = start;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull(controller) {
        sent += piece.length;
        controller.enqueue(piece);
        piece = new Uint8Array(MB);
      },
    });
    const headers = told === undefined ? undefined : { "Content-Length": String(told) };
    return new Response(body, { headers });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/file`,
    sent: () => sent,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

const small = writeSafetensors({
  tensors: new Map([["a", { dtype: "float32", shape: [4], data: new Float32Array(4) }]]),
  metadata: { graft: "{}", format: "pt", filling: " ".repeat(1000) },
}) as Uint8Array<ArrayBuffer>;

const READERS: readonly (readonly [string, (url: string) => Promise<unknown>])[] = [
  ["weights", (url) => loadWeights(url, { cache: null, variant: "torchvision" })],
  ["a model", (url) => loadModel(url)],
];

for (const [what, read] of READERS) {
  for (const told of [undefined, 10 ** 12]) {
    const claim = told === undefined ? "no length" : "a false length";
    Deno.test(`zeros for ever in the place of ${what}, with ${claim}, are left at their first bytes`, async () => {
      await using server = serveEndless(new Uint8Array(2000), told);
      await assertUserError(
        () => read(server.url),
        /neither safetensors|expected a model|1000000000000 bytes/,
      );
      assert.ok(server.sent() < 32 * MB, `${server.sent()}`);
    });

    Deno.test(`${what} that goes on behind its tensors for ever, with ${claim}, is left there`, async () => {
      await using server = serveEndless(small, told);
      await assertUserError(
        () => read(server.url),
        new RegExp(`the file has (more than ${small.length}|1000000000000) bytes`),
      );
      assert.ok(server.sent() < 32 * MB, `${server.sent()}`);
    });
  }
}

Deno.test("a header that claims a terabyte is refused before that comes", async () => {
  const shape = [2 ** 38];
  const entry = { dtype: "F32", shape, data_offsets: [0, 2 ** 40] };
  const header = new TextEncoder().encode(JSON.stringify({ a: entry }));
  const bytes = new Uint8Array(8 + header.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(header, 8);
  for (const [, read] of READERS) {
    await using server = serveEndless(bytes);
    await assertUserError(() => read(server.url), /the file has 1099511627\d+ bytes/);
    assert.ok(server.sent() < 32 * MB, `${server.sent()}`);
  }
});

Deno.test("a data archive without end and without a length is left at 256 MiB", async () => {
  const start = new Uint8Array(5000);
  start.set([0x50, 0x4b, 3, 4]);
  await using server = serveEndless(start);
  const stages = new Set<string>();
  await assertUserError(
    () => openSource(server.url, { onProgress: ({ stage }) => void stages.add(stage) }),
    /it has more than 268435456 bytes; download it and give the path of the file/,
  );
  assert.deepEqual([...stages], ["download"]);
  assert.ok(server.sent() < 320 * MB, `${server.sent()}`);
});
