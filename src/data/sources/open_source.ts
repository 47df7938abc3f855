/** Pictures in any form. @module */

import { checkOptions, type OptionKinds, PROGRESS_KINDS } from "../../core/check_options.ts";
import { UserError } from "../../core/errors.ts";
import { holdsBytes } from "../../core/given_bytes.ts";
import { awaitAdvice, givenKind } from "../../core/given_kind.ts";
import { isPipe } from "../../core/pipes.ts";
import type { ProgressOptions } from "../../core/progress.ts";
import { shownSource } from "../../core/shown_source.ts";
import { asUrl, type ByteInput, lookInto, openBytes } from "../byte_input.ts";
import { memoryStore } from "../picture_store.ts";
import { type PixelCsvOptions, readPixelCsv } from "../pixel_csv.ts";
import { checkEnding } from "./check_ending.ts";
import type { OnError } from "./check_files.ts";
import { listFolder } from "./folder.ts";
import { checkFormat, type DataFormat, formOf } from "./form.ts";
import { readIdxPair } from "./idx_pair.ts";
import { labelled } from "../labelled.ts";
import { openFiles, openList } from "./open_files.ts";
import type { OpenedSource } from "./opened_source.ts";
import { readPathList } from "./path_csv.ts";
import { holdRandomAccess, openRandomAccess } from "./random_access.ts";
import { listZip } from "./zip.ts";

/** Options of `ImageDataset.open`; each belongs to some of the forms and is refused for the others. */
export interface OpenOptions extends PixelCsvOptions {
  /** The form. @default found by looking */
  readonly format?: DataFormat;
  /** Tables of paths: name of the column that holds them. @default found by content and name */
  readonly path?: string;
  /**
   * Folders and zip archives: pattern whose named or first group, in the path, is the class.
   *
   * @default folders, else the beginnings of file names
   */
  readonly labelFrom?: string | RegExp;
  /** IDX: the file of labels. @default beside the pictures, by MNIST's naming */
  readonly labels?: string | URL;
  /**
   * Files that cannot be used are left out and listed in `skipped`, or the first one is thrown. Every file is read and checked
   * once.
   *
   * @default {"skip"}
   */
  readonly onError?: OnError;
  /** Whether guesses about classes and parts are among the notes. @default the value of `requireLabels` */
  readonly noteLabels?: boolean;
  /** Picture files of more pixels cannot be used. @default {64_000_000} */
  readonly maxPixels?: number;
}

/** Of {@linkcode OpenOptions}. */
const KINDS: OptionKinds<OpenOptions & ProgressOptions> = {
  ...PROGRESS_KINDS,
  format: "string",
  path: "string",
  label: "any",
  requireLabels: "boolean",
  noteLabels: "boolean",
  shape: "list",
  maxRows: "number",
  labelFrom: "any",
  labels: "any",
  onError: "string",
  maxPixels: "number",
};

/** Which options go with which form. */
const BELONGS: Readonly<
  Record<
    Exclude<keyof OpenOptions, "format" | "requireLabels" | "noteLabels">,
    readonly DataFormat[]
  >
> = {
  label: ["pixel-csv", "path-csv", "folder", "zip"],
  path: ["path-csv"],
  shape: ["pixel-csv", "idx"],
  maxRows: ["pixel-csv"],
  labelFrom: ["folder", "zip"],
  labels: ["idx"],
  onError: ["folder", "zip", "path-csv"],
  maxPixels: ["folder", "zip", "path-csv"],
};

/** What the command line calls those that it takes. */
const FLAGS: Readonly<Record<string, string>> = {
  label: "--label",
  path: "--path",
  shape: "--shape",
  labelFrom: "--label-from",
  onError: "--on-error",
};

const IN_WORDS: Readonly<Record<DataFormat, string>> = {
  folder: "a folder",
  zip: "a zip archive",
  idx: "an IDX file",
  "path-csv": "a CSV of paths",
  "pixel-csv": "a CSV of pixels",
};

/**
 * Opens pictures of any form.
 *
 * @param source Path or URL (`http:`, `https:`, `file:`).
 * @throws {UserError} For whatever cannot be opened, and for an option that does not belong to the form.
 */
export async function openSource(
  source: string | URL,
  options: OpenOptions & ProgressOptions = {},
): Promise<OpenedSource> {
  if (typeof source !== "string" && !(source instanceof URL)) {
    throw new UserError(
      `Cannot open the data: expected a path or an address, got ${givenKind(source)}; ${
        awaitAdvice(source) ?? (holdsBytes(source)
          ? "write the bytes to a file and give its path, or decode pictures for ImageDataset.fromImages"
          : 'write ImageDataset.open("pets.zip")')
      }`,
    );
  }
  checkOptions(options, KINDS, { action: "open the data", method: "open" });
  const { format, onError } = options;
  if (format !== undefined) checkFormat(format);
  if (onError !== undefined && onError !== "skip" && onError !== "stop") {
    throw new UserError(
      `Cannot open the data: onError is ${JSON.stringify(onError)}, expected "skip" or "stop"`,
    );
  }
  const name = shownSource(source);
  const path = await localPath(source);
  if (path !== undefined && await isFolder(path)) {
    if (format !== undefined && format !== "folder") {
      throw new UserError(`Cannot read ${name}: it is a folder, expected ${IN_WORDS[format]}`);
    }
    checkBelongs("folder", name, options);
    return await openFiles(await listFolder(path, options), name, options);
  }
  using opened = await openBytes(source, options);
  const { head, input } = await lookInto(opened);
  const form = format ?? await formOf(head);
  if (form === "folder") {
    throw new UserError(`Cannot read ${name}: it is a file, expected a folder of pictures`);
  }
  if (format === undefined && form.endsWith("csv")) checkEnding(name, head);
  checkBelongs(form, name, options);
  return await openFile(input, form, path, options);
}

async function openFile(
  input: ByteInput,
  form: Exclude<DataFormat, "folder">,
  path: string | undefined,
  options: OpenOptions & ProgressOptions,
): Promise<OpenedSource> {
  const { name } = input;
  if (form === "zip") {
    const archive = path === undefined || await isPipe(path)
      ? await holdRandomAccess(input, options)
      : await openRandomAccess(path);
    return await openFiles(await listZip(archive, name, options), name, options);
  }
  const nothingLeftOut = { source: name, skipped: [], passedOver: 0, notes: [] };
  if (form === "idx") {
    const { store, labels } = await readIdxPair(input, options);
    // Numbers without names are names themselves.
    return { ...labelled(store.length, { labels }), ...nothingLeftOut, store };
  }
  if (form === "path-csv") {
    if (path === undefined) {
      throw new UserError(
        `Cannot read ${name}: the paths in a CSV at an address lead nowhere; download it with its pictures`,
      );
    }
    // Of what the shell makes, the folder says nothing: paths begin where the program runs. Files in /dev/shm are files like others.
    const folder = /^\/(dev\/(stdin$|fd\/)|proc\/)/.test(path)
      ? ""
      : /^(.*)[/\\][^/\\]*$/.exec(path)?.[1] ?? "";
    return await openList(await readPathList(input, folder, tableOptions(options)), name, options);
  }
  const { pixels, classes, labels, notes: guesses } = await readPixelCsv(input, options);
  const [height, width, channels] = pixels.shape;
  const image = (index: number) => ({ data: pixels.row(index), height, width, channels });
  const values = height * width * channels;
  const notes = options.shape === undefined && channels === 3
    ? [
      ...guesses,
      `${values} pixels a row are read as ${height} x ${width} in colour, red, green and blue in turn`,
    ]
    : guesses;
  return { ...nothingLeftOut, notes, store: memoryStore(pixels.length, image), classes, labels };
}

/** Options of a table of paths; what is undefined is absent. */
function tableOptions({ label, path, requireLabels, signal }: OpenOptions & ProgressOptions) {
  return { label, path, requireLabels, signal };
}

/** The path of what lies on the disk. */
async function localPath(source: string | URL): Promise<string | undefined> {
  const url = asUrl(source);
  if (url === undefined) return String(source);
  // Modules of Node are loaded where they are needed: sandboxes without files lack them, and open none.
  return url.protocol === "file:" ? (await import("node:url")).fileURLToPath(url) : undefined;
}

/** Of what cannot be looked at, whoever opens it says why. */
async function isFolder(path: string): Promise<boolean> {
  return await Deno.stat(path).then(({ isDirectory }) => isDirectory, () => false);
}

/** Nothing that was asked for is silently ignored. */
function checkBelongs(form: DataFormat, name: string, options: OpenOptions): void {
  for (const [option, forms] of Object.entries(BELONGS)) {
    if (options[option as keyof OpenOptions] === undefined || forms.includes(form)) continue;
    const flag = Object.hasOwn(FLAGS, option) ? ` (${FLAGS[option]})` : "";
    throw new UserError(
      `Cannot use ${option}${flag} with ${name}: it is ${IN_WORDS[form]}, the option belongs to ` +
        forms.map((other) => IN_WORDS[other]).join(" or "),
    );
  }
}
