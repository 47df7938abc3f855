/** Pictures with labels. @module */

import { UserError } from "../core/errors.ts";
import type { ProgressOptions } from "../core/progress.ts";
import { sha256Hex } from "../core/sha256.ts";
import { openBytes } from "./byte_input.ts";
import { orderClasses } from "./class_names.ts";
import { checkImage, type Image } from "./image.ts";
import { type PixelCsvOptions, readPixelCsv } from "./pixel_csv.ts";
import { quoted, quotedList } from "../core/quoted.ts";
import { type SplitOptions, trainTestSplit } from "./split.ts";

/** Options of {@linkcode ImageDataset.open}. */
export type OpenOptions = PixelCsvOptions;

/** What is known of pictures in memory. */
export interface LabelledOptions {
  /**
   * One label for each picture: a class name, or a number. With `classes`, numbers are indices into them and -1 is
   * unknown; without, they are names.
   *
   * @default all unknown
   */
  readonly labels?: readonly string[] | ArrayLike<number>;
  /** Class names in order. @default those of the labels, by number when all are whole numbers, else by name */
  readonly classes?: readonly string[];
  /** Where the pictures are from, for messages. @default {"memory"} */
  readonly source?: string;
}

/** Options of {@linkcode ImageDataset.fromPixels}. */
export interface FromPixelsOptions extends LabelledOptions {
  /** Height, width and channels (1 or 3) of each picture. */
  readonly shape: readonly [height: number, width: number, channels: 1 | 3];
}

/** Options of {@linkcode ImageDataset.split}. */
export interface DatasetSplitOptions extends Omit<SplitOptions, "stratify" | "classes"> {
  /** Whether both parts have the classes in equal shares. @default {false} */
  readonly stratify?: boolean;
}

/** What a data set is made of; shared by its views. */
interface Contents {
  readonly classes: readonly string[];
  readonly source: string;
  readonly labels: Int32Array;
  readonly image: (index: number) => Image;
}

/**
 * Pictures of one or of differing sizes, each with a class or none. Views (`subset`, `split`, `withClasses`) share
 * the pixels.
 *
 * @example
 * ```ts
 * import { ImageDataset } from "./dataset.ts";
 * const pixels = Uint8Array.of(0, 0, 0, 0, 255, 255, 255, 255);
 * const data = ImageDataset.fromPixels(pixels, { shape: [2, 2, 1], labels: ["dark", "bright"] });
 * if (data.classes.join() !== "bright,dark" || data.labels.join() !== "1,0") throw new Error();
 * if (data.subset([1]).image(0).data[0] !== 255) throw new Error();
 * ```
 */
export class ImageDataset {
  /** Class names; a label is an index into them. */
  readonly classes: readonly string[];
  /** Class of each picture; -1 = unknown. */
  readonly labels: Int32Array;
  /** Where the pictures are from: a path, a URL or `"memory"`. */
  readonly source: string;
  readonly #image: (index: number) => Image;

  private constructor({ classes, labels, source, image }: Contents) {
    this.classes = classes;
    this.labels = labels;
    this.source = source;
    this.#image = image;
  }

  /**
   * Reads a CSV of pixels: a header, then one picture a row with its label in a column of its own.
   *
   * @param source Path or URL (`http:`, `https:`, `file:`).
   * @throws {UserError} For whatever is not such a file, with line and column.
   */
  static async open(
    source: string | URL,
    options: OpenOptions & ProgressOptions = {},
  ): Promise<ImageDataset> {
    using input = await openBytes(source, options);
    const { pixels, classes, labels } = await readPixelCsv(input, options);
    const [height, width, channels] = pixels.shape;
    const image = (index: number) => ({ data: pixels.row(index), height, width, channels });
    return new ImageDataset({ classes, labels, source: input.name, image });
  }

  /**
   * Takes pictures of one shape from memory, without copying.
   *
   * @param pixels `[n, height, width, channels]`, bytes 0 to 255.
   * @throws {RangeError} When the numbers of pixels, labels and classes do not fit together.
   */
  static fromPixels(
    pixels: Uint8Array,
    { shape: [height, width, channels], ...options }: FromPixelsOptions,
  ): ImageDataset {
    const size = height * width * channels;
    const n = pixels.length / size;
    if (!Number.isInteger(n)) {
      throw new RangeError(
        `Cannot make a data set: ${pixels.length} pixels are no whole number of ${height} x ${width} x ` +
          `${channels} pictures`,
      );
    }
    const image = (index: number): Image => {
      const data = pixels.subarray(index * size, (index + 1) * size);
      return { data, height, width, channels };
    };
    if (n > 0) checkImage(image(0));
    return new ImageDataset({ ...labelled(n, options), image });
  }

  /**
   * Takes pictures of any sizes from memory, without copying.
   *
   * @throws {RangeError} When an image's data do not have its size, or labels and classes do not fit.
   */
  static fromImages(images: readonly Image[], options: LabelledOptions = {}): ImageDataset {
    images.forEach(checkImage);
    return new ImageDataset({
      ...labelled(images.length, options),
      image: (index) => images[index],
    });
  }

  /** Number of pictures. */
  get length(): number {
    return this.labels.length;
  }

  /** Whether there are pictures and the class of each is known. */
  get hasLabels(): boolean {
    return this.length > 0 && this.labels.every((label) => label >= 0);
  }

  /**
   * The picture at `index`; its data are a view, not to be written to.
   *
   * @throws {RangeError} When there is none.
   */
  image(index: number): Image {
    this.#check(index);
    return this.#image(index);
  }

  /** Number of pictures of each class. */
  classCounts(): Int32Array {
    const counts = new Int32Array(this.classes.length);
    for (const label of this.labels) if (label >= 0) counts[label]++;
    return counts;
  }

  /**
   * The pictures at `indices`, in that order: a view that shares pixels and has the same classes.
   *
   * @throws {RangeError} When an index is out of range.
   */
  subset(indices: ArrayLike<number>): ImageDataset {
    const rows = Int32Array.from(indices);
    rows.forEach((row) => this.#check(row));
    return new ImageDataset({
      classes: this.classes,
      source: this.source,
      labels: rows.map((row) => this.labels[row]),
      image: (index) => this.#image(rows[index]),
    });
  }

  /**
   * Splits into a part to train on and a part for testing, row for row as scikit-learn's `train_test_split`.
   *
   * @throws {UserError} When a part would be empty; with `stratify`, when there are no labels or a class has too few
   * rows.
   */
  split(
    { stratify = false, ...options }: DatasetSplitOptions = {},
  ): { train: ImageDataset; test: ImageDataset } {
    if (stratify && !this.hasLabels) {
      throw new UserError(`Cannot split ${this.source} by class: its rows have no labels`);
    }
    const { train, test } = trainTestSplit(this.length, {
      ...options,
      ...(stratify ? { stratify: this.labels, classes: this.classes } : {}),
    });
    return { train: this.subset(train), test: this.subset(test) };
  }

  /**
   * The same pictures with labels that are indices into `classes`, for instance those of a model.
   *
   * @throws {UserError} When a picture's class is not among them.
   */
  withClasses(classes: readonly string[]): ImageDataset {
    const target = this.classes.map((name) => classes.indexOf(name));
    const labels = this.labels.map((label) => {
      if (label < 0) return -1;
      if (target[label] >= 0) return target[label];
      throw new UserError(
        `Cannot use the labels of ${this.source}: class ${
          quoted(this.classes[label])
        } is not among the known ones, ` +
          `which are ${quotedList(classes, 12)}`,
      );
    });
    return new ImageDataset({ classes, labels, source: this.source, image: this.#image });
  }

  /**
   * SHA-256 of pixels, shapes, labels and class names, as hex: equal data give equal hashes, wherever they are from.
   */
  async hash(): Promise<string> {
    // In blocks, so that no second copy of all the pixels is needed.
    const blockHashes: string[] = [];
    for (let start = 0; start < this.length; start += HASHED_ROWS) {
      const parts: Uint8Array[] = [];
      for (let i = start; i < Math.min(start + HASHED_ROWS, this.length); i++) {
        const { data, height, width, channels } = this.#image(i);
        const head = new DataView(new ArrayBuffer(16));
        [height, width, channels, this.labels[i]].forEach((value, k) => {
          head.setInt32(4 * k, value, true);
        });
        parts.push(new Uint8Array(head.buffer), data);
      }
      blockHashes.push(await sha256Hex(concat(parts)));
    }
    const summary = JSON.stringify([this.length, this.classes, blockHashes]);
    return await sha256Hex(new TextEncoder().encode(summary));
  }

  #check(index: number): void {
    if (Number.isInteger(index) && index >= 0 && index < this.length) return;
    throw new RangeError(
      `Cannot take image ${index}: the data set has ${this.length}, counted from 0`,
    );
  }
}

/** Pictures whose bytes are hashed at once: 800 KB of 28 x 28. A constant of the hash, not to be changed. */
const HASHED_ROWS = 1024;

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** Class numbers and names of `n` pictures in memory. */
function labelled(
  n: number,
  { labels, classes, source = "memory" }: LabelledOptions,
): Omit<Contents, "image"> {
  if (labels === undefined) {
    return { classes: classes ?? [], labels: new Int32Array(n).fill(-1), source };
  }
  if (labels.length !== n) {
    throw new RangeError(
      `Cannot make a data set: there are ${labels.length} labels, expected one for each of the ${n} pictures`,
    );
  }
  const given: (string | number)[] = Array.from<string | number>(labels);
  if (classes === undefined) {
    const numbers = new Map<string, number>();
    const rows = given.map((label) => {
      const name = String(label);
      if (!numbers.has(name)) numbers.set(name, numbers.size);
      return numbers.get(name)!;
    });
    const ordered = orderClasses([...numbers.keys()]);
    return {
      classes: ordered.classes,
      labels: Int32Array.from(rows, (row) => ordered.numberOf[row]),
      source,
    };
  }
  const numbers = given.map((label) => {
    const number = typeof label === "string" ? classes.indexOf(label) : label;
    const known = Number.isInteger(number) && number >= -1 && number < classes.length;
    if (known && !(number === -1 && typeof label === "string")) return number;
    throw new RangeError(
      `Cannot make a data set: label ${
        JSON.stringify(label)
      } is none of its ${classes.length} classes`,
    );
  });
  return { classes, labels: Int32Array.from(numbers), source };
}
