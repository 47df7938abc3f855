import assert from "node:assert/strict";
import { decodeBase64 } from "../../../src/core/base64.ts";
import { UserError } from "../../../src/core/errors.ts";
import { checkDecodable } from "../../../src/data/decode.ts";
import { checkFiles } from "../../../src/data/sources/check_files.ts";
import type { PictureFiles } from "../../../src/data/sources/picture_files.ts";
import jpegs from "../../fixtures/jpegs.json" with { type: "json" };

/** Files of half a megabyte: what follows the end of a JPEG is not looked at. */
const FILES = Array.from({ length: 40 }, (_, i) => {
  const bytes = new Uint8Array(500_000);
  bytes.set(decodeBase64(jpegs[i % jpegs.length].file));
  return bytes;
});

/** Those files, some of them cut off. */
function filesWith(cut: readonly number[]): PictureFiles {
  const read = (index: number) => {
    const bytes = FILES[index];
    return Promise.resolve(cut.includes(index) ? bytes.subarray(0, 200) : bytes);
  };
  const paths = FILES.map((_, i) => `${i}.jpg`);
  const name = (index: number) => paths[index];
  return { kind: "list", paths, passedOver: 0, troubles: [], name, head: read, read };
}

const ALL = FILES.map((_, i) => i);

/** A test with threads, which outlive it. */
function threadTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });
}

threadTest("many files are checked on several threads, and told in their order", async () => {
  const cut = [3, 20, 21, 39];
  const order = [...ALL].reverse();
  const reported: number[] = [];
  const { indices, shapes, skipped } = await checkFiles(filesWith(cut), order, {
    onProgress: ({ done, total }) => {
      assert.equal(total, 40);
      reported.push(done);
    },
  });
  assert.deepEqual([...indices], order.filter((index) => !cut.includes(index)));
  for (const [i, index] of indices.entries()) {
    assert.deepEqual(shapes[i], checkDecodable(FILES[index]), `file ${index}`);
  }
  assert.deepEqual(skipped.map(({ name }) => name), ["39.jpg", "21.jpg", "20.jpg", "3.jpg"]);
  assert.match(skipped[0].reason, /^the JPEG is cut off or damaged/);
  assert.deepEqual(reported, ALL.map((i) => i + 1));
});

threadTest("of several broken files the first stops, whichever thread was faster", async () => {
  for (const cut of [[2, 30], [25, 26, 39], [39]]) {
    await assert.rejects(
      checkFiles(filesWith(cut), ALL, { onError: "stop" }),
      (error) =>
        error instanceof UserError && error.message.startsWith(`Cannot read ${cut[0]}.jpg`),
    );
  }
});

threadTest("an abort ends the checking once what is under way has come to its end", async () => {
  const stop = new AbortController();
  const onProgress = ({ done }: { done: number }) => {
    if (done === 22) stop.abort(new Error("enough"));
  };
  const { signal } = stop;
  await assert.rejects(checkFiles(filesWith([]), ALL, { signal, onProgress }), /enough/);
});
