import assert from "node:assert/strict";
import { ImageDataset } from "../../../src/data/dataset.ts";
import { encodePng } from "../../../src/data/encode_png.ts";
import type { Image } from "../../../src/data/image.ts";
import { gatherPictures } from "../../../src/insight/report/gather_pictures.ts";
import { reportPage } from "../../../src/insight/report/page.ts";
import { EXAMPLE_MODEL, exampleInterpretation, SCORED, TRAINED } from "./example_report.ts";

/** Many times a noisy colour photograph of 144 x 96: the worst that PNG files can be asked for. */
function photos(): ImageDataset {
  let state = 1;
  const noise = () => (state = state * 16807 % 2147483647) & 255;
  const data = Uint8Array.from({ length: 144 * 96 * 3 }, noise);
  const image: Image = { data, height: 96, width: 144, channels: 3 };
  return ImageDataset.fromImages(new Array(120).fill(image));
}

Deno.test("mistakes, where it looked, what they resemble, suspects and the sample are made, once each", async () => {
  const interpretation = exampleInterpretation();
  const { seen, heat, training } = await gatherPictures(SCORED, interpretation, { train: TRAINED });
  const wrong = interpretation.topLosses.filter(({ label, predicted }) => label !== predicted);
  for (const { row } of [...wrong, ...interpretation.random]) {
    assert.equal(seen.get(row)!.name, SCORED.name(row));
    assert.notDeepEqual(heat.get(row)!.png, seen.get(row)!.png);
  }
  for (const { row } of interpretation.suspects) {
    const { name, label, thumbnail } = training.get(row)!;
    assert.deepEqual([name, label], [TRAINED.name(row), TRAINED.labels[row]]);
    assert.deepEqual(thumbnail!.png, await encodePng(await TRAINED.image(row)));
  }
});

Deno.test("a page of noisy photographs stays under 2 MB, and leaves out what matters least", async () => {
  const data = photos();
  const example = exampleInterpretation();
  const random = SCORED.labels.keys().map((row) => ({ ...example.topLosses[0], row }));
  const interpretation = { ...example, random: [...random] };
  const labelled = {
    image: data.image.bind(data),
    name: data.name.bind(data),
    labels: TRAINED.labels,
  };
  const pictures = await gatherPictures(labelled, interpretation, { train: labelled });
  const page = reportPage({ name: "m", model: EXAMPLE_MODEL, interpretation, pictures });
  const bytes = new TextEncoder().encode(page).length;
  assert.ok(bytes < 2_000_000, `${bytes}`);
  assert.ok(bytes > 1_000_000, `${bytes}: the pictures are not the worst case`);
  assert.ok(pictures.seen.has(interpretation.topLosses[0].row), "the worst mistake is there");
  assert.ok(pictures.seen.size < SCORED.length, "there was room for all");
});

Deno.test("without training data none is asked for, and a small budget leaves pictures out", async () => {
  const interpretation = exampleInterpretation();
  const { seen, training } = await gatherPictures(SCORED, interpretation, { budget: 1500 });
  assert.equal(training.size, 0);
  assert.ok(seen.size >= 1 && seen.size < 5, `${seen.size}`);
});

Deno.test("of a cropped picture the map is drawn over what the network saw", async () => {
  const interpretation = exampleInterpretation();
  const { heat } = await gatherPictures(photos(), interpretation, { cropped: 0.5, budget: 60_000 });
  const [{ width, height }] = heat.values();
  assert.deepEqual([width, height], [48, 48]);
});
