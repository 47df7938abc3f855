/** Pictures with labels. @module */

import { checkOptions } from "../core/check_options.ts";
import { UserError } from "../core/errors.ts";
import type { ProgressOptions } from "../core/progress.ts";
import { quoted, quotedList } from "../core/quoted.ts";
import { matchClasses } from "./class_names.ts";
import { type BlockHashes, hashBlocks, hashOfBlocks } from "./hash_pictures.ts";
import type { Image } from "./image.ts";
import type { KeptPicture } from "./kept_picture.ts";
import {
  checkClassNames,
  DATASET_SPLIT_KINDS,
  type DatasetSplitOptions,
  FROM_PIXELS_KINDS,
  type FromPixelsOptions,
  givenIndices,
} from "./dataset_options.ts";
import { keptStore } from "./kept_store.ts";
import { labelled, LABELLED_KINDS, type LabelledOptions } from "./labelled.ts";
import { memoryStore, type PictureStore, type ReadOptions } from "./picture_store.ts";
import { givenShape } from "./pixel_shape.ts";
import { pixelBytes, type PixelValues } from "./pixel_bytes.ts";
import type { PixelSize } from "./resize.ts";
import type { OpenOptions } from "./sources/open_source.ts";
import type { OpenedSource, Parts } from "./sources/opened_source.ts";
import type { SkippedFile } from "./sources/picture_files.ts";
import { trainTestSplit } from "./split.ts";

/** Who makes a data set of what. */
const maker = (method: string) => ({ action: "make a data set", method });

/** What opening tells beside the pictures. */
type Told = Pick<OpenedSource, "parts" | "skipped" | "passedOver" | "notes">;

/** What a data set is made of. */
interface Contents extends Omit<OpenedSource, keyof Told>, Partial<Told> {
  /** Places in the store; all of it in order where it is absent. */
  readonly rows?: Int32Array;
}

/**
 * Pictures of one or of differing sizes, each with a class or none, decoded when they are asked for. Views (`subset`,
 * `split`, `withClasses`) share the pixels.
 *
 * @example
 * ```ts
 * import { ImageDataset } from "./dataset.ts";
 * const pixels = Uint8Array.of(0, 0, 0, 0, 255, 255, 255, 255);
 * const data = ImageDataset.fromPixels(pixels, { shape: [2, 2, 1], labels: ["dark", "bright"] });
 * if (data.classes.join() !== "bright,dark" || data.labels.join() !== "1,0") throw new Error();
 * if ((await data.subset([1]).image(0)).data[0] !== 255) throw new Error();
 * ```
 */
export class ImageDataset {
  /** Class names; a label is an index into them. */
  readonly classes: readonly string[];
  /** Class of each picture; -1 = unknown. */
  readonly labels: Int32Array;
  /** Where the pictures are from: a path, a URL or `"memory"`. */
  readonly source: string;
  /** Rows of the parts, where the pictures came in folders `train`, `val` and `test`; a view has none. */
  readonly parts: Parts | undefined;
  /** Files that could not be used when they were opened, and why. */
  readonly skipped: readonly SkippedFile[];
  /** Number of files that are nobody's pictures: dot-files, thumbnails of the system, texts. */
  readonly passedOver: number;
  /** What is worth knowing of how they were read, a line each. */
  readonly notes: readonly string[];
  readonly #store: PictureStore;
  readonly #rows: Int32Array | undefined;

  private constructor({ classes, labels, source, store, rows, ...told }: Contents) {
    this.classes = classes;
    this.labels = labels;
    this.source = source;
    this.parts = told.parts;
    this.skipped = told.skipped ?? [];
    this.passedOver = told.passedOver ?? 0;
    this.notes = told.notes ?? [];
    this.#store = store;
    this.#rows = rows;
  }

  /**
   * Opens pictures in any of these forms, which is found by looking:
   *
   * - a folder with a folder for each class, and above those perhaps folders `train`, `val` and `test`, which become `parts`;
   * - a folder whose classes are in the file names: `cat.0.jpg`, `chihuahua_99.jpg`;
   * - a zip archive of either, which is unpacked picture by picture; one from an address is held in memory;
   * - a table of paths, relative to it, or identifiers of images, and labels: `path,label`, `id,breed`, or without a header;
   * - a CSV of pixels: a header, then one picture a row with its label in a column of its own;
   * - IDX files (`train-images-idx3-ubyte.gz`, with `train-labels-idx1-ubyte.gz` beside it).
   *
   * Picture files are JPEG or PNG by their content. Each is read and checked now and decoded when it is asked for; what
   * cannot be used is `skipped`, never replaced.
   *
   * @param source Path or URL (`http:`, `https:`, `file:`).
   * @throws {UserError} When nothing can be used or the classes cannot be told; of a table, with line and column.
   */
  static async open(
    source: string | URL,
    options: OpenOptions & ProgressOptions = {},
  ): Promise<ImageDataset> {
    const { openSource } = await import("./sources/open_source.ts"); // readers that what is given pictures does without
    return new ImageDataset(await openSource(source, options));
  }

  /**
   * Takes pictures of one shape from memory, without copying bytes.
   *
   * @param pixels `[n, height, width, channels]`, whole numbers from 0 to 255: bytes, or a list or wider array, which is copied.
   * @throws {UserError} For values that are none of those, fractions for instance, and when the numbers of pixels, labels and classes do
   * not fit together.
   */
  static fromPixels(pixels: PixelValues, options: FromPixelsOptions): ImageDataset {
    const bytes = pixelBytes(pixels, "make a data set");
    checkOptions(options, FROM_PIXELS_KINDS, maker("fromPixels"));
    const [height, width, channels] = givenShape(options?.shape, bytes.length);
    const size = height * width * channels;
    const n = bytes.length / size;
    const image = (index: number): Image => {
      const data = bytes.subarray(index * size, (index + 1) * size);
      return { data, height, width, channels };
    };
    return new ImageDataset({ ...labelled(n, options), store: memoryStore(n, image) });
  }

  /**
   * Takes pictures of any sizes from memory, without copying: decoded, or files, which are decoded when needed, on all cores.
   *
   * @throws {UserError} When one is no picture, a file is neither JPEG nor PNG, or labels and classes do not fit.
   */
  static fromImages(images: readonly KeptPicture[], options: LabelledOptions = {}): ImageDataset {
    const store = keptStore(images);
    checkOptions(options, LABELLED_KINDS, maker("fromImages"));
    return new ImageDataset({ ...labelled(images.length, options), store });
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
   * The picture at `index`; its data may be a view, not to be written to.
   *
   * @throws {UserError} When there is none.
   * @throws {UserError} When its file cannot be read or decoded.
   */
  async image(index: number, options: ReadOptions = {}): Promise<Image> {
    return (await this.images([index], options))[0];
  }

  /**
   * The pictures at `indices`, in that order, all of them decoded at once; see {@linkcode ImageDataset.size} for how much
   * memory that takes.
   *
   * @throws {UserError} When an index is out of range.
   * @throws {UserError} When a file cannot be read or decoded; the message names it.
   */
  async images(indices: ArrayLike<number>, options: ReadOptions = {}): Promise<Image[]> {
    const rows = Array.from(givenIndices(indices), (index) => this.#row(index));
    return await this.#store.read(rows, options);
  }

  /** Height and width of a picture, upright, without decoding it. @throws {UserError} When there is none. */
  size(index: number): PixelSize {
    const { height, width } = this.#store.shape(this.#row(index));
    return { height, width };
  }

  /** Channels of a picture: 1 = grey, 3 = red, green, blue; without decoding it. @throws {UserError} When there is none. */
  channels(index: number): 1 | 3 {
    return this.#store.shape(this.#row(index)).channels;
  }

  /**
   * What to call a picture in messages: its path, or `row 17` of a table, counted from 1.
   *
   * @throws {UserError} When there is none.
   */
  name(index: number): string {
    return this.#store.name(this.#row(index));
  }

  /** Whether the pictures are files, which have paths for names and whose bytes can be had. */
  get hasFiles(): boolean {
    return this.#store.bytes !== undefined;
  }

  /**
   * The encoded file of a picture, read anew; `undefined` where pictures are not files.
   *
   * @throws {UserError} When there is none.
   * @throws {UserError} When the file cannot be read.
   */
  async bytes(index: number): Promise<Uint8Array | undefined> {
    return await this.#store.bytes?.(this.#row(index));
  }

  /** A picture as it is kept, decoded or as a file, for whoever decodes it elsewhere. @throws {UserError} When its file cannot be read. */
  async kept(index: number): Promise<KeptPicture> {
    return await this.#store.kept(this.#row(index));
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
   * @throws {UserError} When an index is out of range.
   */
  subset(indices: ArrayLike<number>): ImageDataset {
    return new ImageDataset({
      classes: this.classes,
      source: this.source,
      rows: Int32Array.from(givenIndices(indices), (index) => this.#row(index)),
      labels: Int32Array.from(indices, (index) => this.labels[index]),
      store: this.#store,
    });
  }

  /**
   * Splits into a part to train on and a part for testing, row for row as scikit-learn's `train_test_split`.
   *
   * @throws {UserError} When a part would be empty; with `stratify`, when there are no labels or a class has too few
   * rows.
   */
  split(
    given: DatasetSplitOptions = {},
  ): { train: ImageDataset; test: ImageDataset } {
    checkOptions(given, DATASET_SPLIT_KINDS, { action: "split", method: "split" });
    const { stratify = false, ...options } = given;
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
   * The same pictures with labels that are indices into `classes`, for instance those of a model; another spelling, `01` of `1` or
   * `Anger` of `anger`, stands for a class unless there are several, and is noted.
   *
   * @throws {UserError} When a picture's class is not among them.
   */
  withClasses(classes: readonly string[]): ImageDataset {
    checkClassNames(classes, "use the labels");
    const { places: target, notes: more } = matchClasses(this.classes, classes);
    const labels = this.labels.map((label) => {
      if (label < 0 || target[label] >= 0) return label < 0 ? -1 : target[label];
      const unknown = quoted(this.classes[label]);
      throw new UserError(
        `Cannot use the labels of ${this.source}: class ${unknown} is not among the known ones, ` +
          `which are ${quotedList(classes, 12)}`,
      );
    });
    const { source, parts, skipped, passedOver } = this;
    const told = { source, parts, skipped, passedOver, notes: [...this.notes, ...more] };
    return new ImageDataset({ ...told, classes, labels, rows: this.#rows, store: this.#store });
  }

  /**
   * SHA-256 of pixels, shapes, labels and class names, as hex: equal data give equal hashes, wherever they are from. Of files, the
   * encoded bytes are taken instead: two files that decode to the same pixels have different hashes.
   */
  async hash(): Promise<string> {
    return await hashOfBlocks(await this.hashBlocks(), this);
  }

  /** What {@linkcode ImageDataset.hash} is made of. */
  async hashBlocks(): Promise<BlockHashes> {
    const rows = this.#rows ?? Int32Array.from({ length: this.length }, (_, i) => i);
    return await hashBlocks({ store: this.#store, rows, labels: this.labels });
  }

  /** The place of a picture in the store. */
  #row(index: number): number {
    if (Number.isInteger(index) && index >= 0 && index < this.length) {
      return this.#rows?.[index] ?? index;
    }
    throw new UserError(
      `Cannot take image ${index}: the data set has ${this.length}, counted from 0`,
    );
  }
}
