/** Zip archives of images. @module */
import { encodePng } from "../../../src/data/encode_png.ts";
import type { Dice } from "../dice.ts";
import { latin1, mutate } from "../mutate.ts";
import { pngFile } from "../png_files.ts";
import { tableFile } from "./tables.ts";
import type { Target } from "../target.ts";
import { type Member, zipOf } from "../zip_files.ts";
import { scratch } from "./files.ts";
import { openAndLook } from "./opened.ts";

/** Archives. */
export async function zipTarget(): Promise<Target> {
  const { path, remove } = await scratch();
  const dots = await Promise.all(
    [0, 90, 255].map((value) =>
      encodePng({ height: 2, width: 3, channels: 1, data: new Uint8Array(6).fill(value) })
    ),
  );
  const archive = `${path}/archive.zip`;
  return {
    make(dice) {
      const members = Array.from({ length: dice.size(25) }, () => member(dice, dots));
      const file = zipOf(members, dice, dice.chance(0.3) ? 0.02 : 0);
      return dice.chance(0.2) ? mutate(file, dice) : file;
    },
    async run(bytes, dice) {
      Deno.writeFileSync(archive, bytes);
      const options = {
        ...dice.chance(0.2) && { requireLabels: false },
        ...dice.chance(0.1) &&
          { labelFrom: dice.pick(["(.*)/", "(cat|dog)", "^(?<label>[^/]+)/", "("]) },
        ...dice.chance(0.1) && { format: "zip" as const },
      };
      return await openAndLook(archive, options, dice);
    },
    close: remove,
  };
}

const FOLDERS = [
  "cat",
  "dog",
  "train/cat",
  "test/dog",
  "val/cat",
  "train/Cat",
  "images",
  "a/b/c",
  "..",
  "",
  "seg_train/seg_train/cat",
  "__MACOSX",
  "é",
];
const NAMES = [
  "0.png",
  "1.png",
  "2.PNG",
  "cat.1.png",
  "dog_3.png",
  ".DS_Store",
  "readme.txt",
  "a\\b.png",
  "x".repeat(400),
  "\0.png",
  "a\nb.png",
  "train.csv",
  "\u202egnp.png",
];

function member(dice: Dice, dots: readonly Uint8Array[]): Member {
  const kind = dice.share();
  const content = kind < 0.75
    ? dice.pick(dots)
    : kind < 0.85
    ? pngFile(dice)
    : kind < 0.9
    ? dice.bytes(dice.size(500))
    : kind < 0.93
    ? tableFile(dice, "paths")
    : kind < 0.932
    ? new Uint8Array(dice.size(1 << 24))
    : latin1("text");
  const name = dice.chance(0.7) ? `${dice.below(40)}.png` : dice.pick(NAMES);
  const folder = dice.pick(dice.chance(0.7) ? FOLDERS.slice(0, 2) : FOLDERS);
  return { name: folder === "" ? name : `${folder}/${name}`, content, deflated: dice.chance(0.7) };
}
