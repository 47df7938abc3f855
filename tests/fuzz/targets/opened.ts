/** Data sets that were opened from hostile files, and what must hold of each. @module */
import { ImageDataset } from "../../../src/data/dataset.ts";
import type { OpenOptions } from "../../../src/data/sources/open_source.ts";
import type { Dice } from "../dice.ts";
import { check, checkEqual, checkMessage, orRefused, type Outcome } from "../target.ts";

/** Opens a file, and looks at what came out of it. */
export async function openAndLook(
  path: string,
  options: OpenOptions,
  dice: Dice,
): Promise<Outcome> {
  const data = await orRefused(() => ImageDataset.open(path, options));
  if (data === undefined) return "refused";
  check(data.length > 0 && data.labels.length === data.length, "no images", data.length);
  check(new Set(data.classes).size === data.classes.length, "classes twice", data.classes);
  for (const label of data.labels) {
    check(Number.isInteger(label) && label >= -1 && label < data.classes.length, "no class", label);
  }
  if (options.requireLabels !== false && options.onError === undefined) {
    check(data.labels.every((label) => label >= 0), "an image without a label", data.labels);
  }
  for (const note of data.notes) checkMessage(note);
  for (const { reason } of data.skipped) checkMessage(`${reason} ........`);
  for (const rows of Object.values(data.parts ?? {})) {
    for (const row of rows ?? []) check(row >= 0 && row < data.length, "no row of a part", row);
  }
  const index = dice.below(data.length);
  const image = await orRefused(() => data.image(index));
  if (image === undefined) return "refused";
  const { height, width } = data.size(index);
  check(
    image.height === height && image.width === width && image.channels === data.channels(index),
    "another size than was said",
    `${image.height} x ${image.width}, said ${height} x ${width}`,
  );
  check(
    image.data.length === height * width * image.channels,
    "pixels do not have the image's size",
    image.data.length,
  );
  if (dice.chance(0.2)) {
    const again = await ImageDataset.open(path, options);
    checkEqual(again.labels, data.labels, "labels differ when read twice");
    checkEqual(again.classes, data.classes, "classes differ when read twice");
    checkEqual((await again.image(index)).data, image.data, "pixels differ when read twice");
  }
  return "accepted";
}
