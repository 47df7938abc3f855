/** The pictures of a report. @module */

import type { ProgressOptions } from "../../core/progress.ts";
import type { ImageDataset } from "../../data/dataset.ts";
import { encodePng } from "../../data/encode_png.ts";
import { centreCrop } from "../../data/centre_crop.ts";
import type { Image } from "../../data/image.ts";
import { resize } from "../../data/resize.ts";
import type { Thumbnail } from "../../report/contact_sheet.ts";
import { heatOverlay } from "../../report/heat_overlay.ts";
import type { Interpretation } from "../interpretation.ts";
import type { ReportPictures, TrainingPicture } from "./report_data.ts";

/** What is asked of data. */
type Pictures = Pick<ImageDataset, "image" | "name" | "labels">;

/** Options of {@linkcode gatherPictures}. */
export interface GatherPicturesOptions extends ProgressOptions {
  /** What the model was trained on, for neighbours and suspects. @default none */
  readonly train?: Pictures;
  /**
   * Share of a picture's shorter side that the network saw, where it was cropped: heat maps are drawn over that square alone.
   *
   * @default {undefined} the picture was scaled whole
   */
  readonly cropped?: number;
  /** Bytes that all pictures may take as PNG files; those that matter least are left out beyond. @default {1,150,000} */
  readonly budget?: number;
}

/** A page holds pictures as base64, a third more, and is to stay under 2 MB with its tables and charts. */
const BUDGET = 1_150_000;
/** Longest sides, in pixels; smaller pictures stay as they are. Pictures to compare with are shown smaller. */
const SIDE = 96;
const SMALL_SIDE = 64;
/** Suspects that the page shows. */
const SUSPECTS = 12;

/** One picture to be made. */
interface Wanted {
  readonly row: number;
  readonly make: "seen" | "heat" | "training";
  readonly side: number;
  /** How many times it is shown: it is in the page as many times. */
  readonly uses: number;
}

/**
 * Makes the pictures that a report shows, the most important first, until they are as heavy as a page can bear.
 *
 * @param data What was looked at.
 * @throws {UserError} When a picture cannot be read or decoded.
 */
export async function gatherPictures(
  data: Pictures,
  interpretation: Interpretation,
  { train, cropped, budget = BUDGET, onProgress, signal }: GatherPicturesOptions = {},
): Promise<ReportPictures> {
  const seen = new Map<number, Thumbnail>(), heat = new Map<number, Thumbnail>();
  const training = new Map<number, TrainingPicture>();
  const maps = new Map(interpretation.heatmaps.map((map) => [map.row, map]));
  const wanted = wantedPictures(interpretation, train !== undefined);
  let bytes = 0, done = 0;
  for (const { row, make, side, uses } of wanted) {
    signal?.throwIfAborted();
    onProgress?.({ stage: "pictures", done: ++done, total: wanted.length, unit: "images" });
    const source = make === "training" ? train! : data;
    const name = source.name(row);
    if (make === "training" && !training.has(row)) {
      training.set(row, { name, label: train!.labels[row] });
    }
    const map = maps.get(row);
    if (bytes >= budget || make === "heat" && map === undefined) continue;
    const original = await source.image(row, { signal });
    const image = make === "heat"
      ? heatOverlay(shrunk(lookedAt(original, cropped), side), map!)
      : shrunk(original, side);
    const png = await encodePng(image);
    bytes += png.length * uses;
    if (bytes > budget) continue;
    const words = make === "heat" ? `Where it looked in ${name}` : name;
    const thumbnail = { png, width: image.width, height: image.height, name: words };
    if (make === "training") training.set(row, { ...training.get(row)!, thumbnail });
    else (make === "heat" ? heat : seen).set(row, thumbnail);
  }
  return { seen, heat, training };
}

/** Each once, by how much it matters: the mistakes, where the network looked, what they resemble; then suspects; then the sample. */
function wantedPictures(
  { topLosses, neighbours, suspects, random }: Interpretation,
  hasTraining: boolean,
): Wanted[] {
  const mistakes = topLosses.filter(({ label, predicted }) => label !== predicted);
  const both = ({ row }: { readonly row: number }): Wanted[] => [
    { row, make: "seen", side: SIDE, uses: 1 },
    { row, make: "heat", side: SIDE, uses: 1 },
  ];
  const trained = (row: number, side: number): Wanted => ({ row, make: "training", side, uses: 1 });
  const all = [
    ...mistakes.flatMap(both),
    ...hasTraining ? suspects.slice(0, SUSPECTS).map(({ row }) => trained(row, SIDE)) : [],
    ...hasTraining
      ? neighbours.filter(({ row }) => mistakes.some((one) => one.row === row))
        .flatMap(({ nearest }) => nearest.map(({ row }) => trained(row, SMALL_SIDE)))
      : [],
    ...random.flatMap(both),
  ];
  const known = new Map<string, Wanted>();
  for (const one of all) {
    const key = `${one.make} ${one.row}`;
    const before = known.get(key);
    known.set(key, before === undefined ? one : { ...before, uses: before.uses + 1 });
  }
  return [...known.values()];
}

/** The part of a picture that the network saw. */
function lookedAt(image: Image, cropped: number | undefined): Image {
  if (cropped === undefined) return image;
  return centreCrop(image, Math.round(cropped * Math.min(image.height, image.width)));
}

function shrunk(image: Image, side: number): Image {
  const scale = side / Math.max(image.height, image.width);
  if (scale >= 1) return image;
  const pixels = (length: number) => Math.max(1, Math.round(length * scale));
  return resize(image, { height: pixels(image.height), width: pixels(image.width) });
}
