import assert from "node:assert/strict";
import { auditPictures } from "../../src/audit/audit_pictures.ts";
import { partOfRow, partSizes } from "../../src/audit/part_of_row.ts";
import { decodeBase64 } from "../../src/core/base64.ts";
import { UserError } from "../../src/core/errors.ts";
import { ImageDataset } from "../../src/data/dataset.ts";
import { encodePng } from "../../src/data/encode_png.ts";
import type { Image } from "../../src/data/image.ts";
import fixture from "../fixtures/images.json" with { type: "json" };

/** A grey picture of one shade. */
function plain(shade: number, height = 2, width = 3): Image {
  return { data: new Uint8Array(height * width).fill(shade), height, width, channels: 1 };
}

/** Opens files by path, in a folder that goes afterwards. */
async function withFiles(
  files: Readonly<Record<string, Uint8Array>>,
  look: (data: ImageDataset) => Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "graft_audit_" });
  try {
    for (const [path, bytes] of Object.entries(files)) {
      await Deno.mkdir(`${root}/${path.replace(/\/[^/]*$/, "")}`, { recursive: true });
      await Deno.writeFile(`${root}/${path}`, bytes);
    }
    await look(await ImageDataset.open(root));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

const file = (name: string) =>
  decodeBase64(fixture.images.find((image) => image.name === name)!.file);

Deno.test("classes, sizes and what would balance them are counted", async () => {
  const images = [plain(1), plain(2), plain(3), plain(4, 4, 2), plain(5, 10, 10)];
  const data = ImageDataset.fromImages(images, {
    labels: [0, 0, 0, 2, -1],
    classes: ["a", "b", "c"],
  });
  const { summary, colours, parts } = await auditPictures(data);
  assert.deepEqual(summary, {
    pictures: 5,
    unlabelled: 1,
    classes: ["a", "b", "c"],
    counts: [3, 0, 1],
    balancedWeights: [4 / 6, 0, 2],
    imbalance: 3,
    height: { min: 2, median: 2, max: 10 },
    width: { min: 2, median: 3, max: 10 },
    aspect: { min: 0.5, median: 1.5, max: 1.5 },
    sizes: 3,
  });
  assert.deepEqual(colours, { grey: 5 });
  assert.equal(parts, undefined);
});

Deno.test("equal pictures are found, with other labels and across the split", async () => {
  const shades = [1, 2, 1, 3, 2, 1, 4, 4];
  const data = ImageDataset.fromImages(shades.map((shade) => plain(shade)), {
    labels: ["x", "x", "y", "x", "x", "x", "y", "y"],
  });
  const parts = partOfRow({ train: Int32Array.of(0, 1, 2, 3, 5, 6, 7), test: Int32Array.of(4) }, 8);
  assert.deepEqual(partSizes(parts), { train: 7, test: 1 });
  const { duplicates } = await auditPictures(data, { parts });
  assert.deepEqual(duplicates, [
    { rows: [0, 2, 5], labelsDiffer: true, acrossSplit: false },
    { rows: [1, 4], labelsDiffer: false, acrossSplit: true },
    { rows: [6, 7], labelsDiffer: false, acrossSplit: false },
  ]);
});

Deno.test("the same bytes in another shape are another picture", async () => {
  const data = ImageDataset.fromImages([plain(7, 2, 3), plain(7, 3, 2), plain(7, 6, 1)]);
  assert.deepEqual((await auditPictures(data)).duplicates, []);
});

Deno.test("a picture without a label differs from none", async () => {
  const data = ImageDataset.fromImages([plain(7), plain(7)], { labels: [-1, 0], classes: ["a"] });
  assert.deepEqual((await auditPictures(data)).duplicates.map((one) => one.labelsDiffer), [false]);
});

Deno.test("files are compared by their bytes, told by name, and by how their colours are kept", async () => {
  const one = await encodePng(plain(1));
  await withFiles({
    "cat/a.png": one,
    "dog/b c.png": one,
    "dog/c.png": await encodePng(plain(2)),
    "cat/cmyk.jpg": file("cmyk.jpg"),
    "cat/palette.png": file("palette.png"),
    "cat/cut.jpg": file("rgb.jpg").slice(0, 300),
    "cat/notes.txt": new TextEncoder().encode("seen twice"),
  }, async (data) => {
    const { duplicates, colours, summary } = await auditPictures(data);
    assert.deepEqual(colours, { grey: 3, CMYK: 1, palette: 1 });
    assert.deepEqual(summary.counts, [3, 2]);
    assert.equal(duplicates.length, 1);
    const names = duplicates[0].rows.map((row) => data.name(row).split("/").slice(-2).join("/"));
    assert.deepEqual(names, ["cat/a.png", "dog/b c.png"]);
    assert.ok(duplicates[0].labelsDiffer);
    assert.deepEqual(data.skipped.map(({ name }) => name.split("/").at(-1)), ["cut.jpg"]);
    assert.equal(data.passedOver, 1);
  });
});

Deno.test("no pictures, an abort and a file that has gone end it", async () => {
  await assert.rejects(
    auditPictures(ImageDataset.fromImages([])),
    (error) => error instanceof UserError && /it has no pictures$/.test(error.message),
  );
  const data = ImageDataset.fromImages([plain(1), plain(2)]);
  const reason = new Error("enough");
  await assert.rejects(auditPictures(data, { signal: AbortSignal.abort(reason) }), /enough/);
  const files = {
    "a/1.png": await encodePng(plain(1)),
    "b/2.png": await encodePng(plain(2)),
  };
  await withFiles(files, async (data) => {
    await Deno.remove(data.name(1));
    await assert.rejects(
      auditPictures(data),
      (error) => error instanceof UserError && /2\.png: there is no such file/.test(error.message),
    );
  });
});
