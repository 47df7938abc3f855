/** Features of a data set in several files, each made by itself, and one file of all of them. @module */

import { UserError } from "../core/errors.ts";
import { clip } from "../core/quoted.ts";
import { type BlockHashes, HASHED_ROWS, hashOfBlocks } from "../data/hash_pictures.ts";
import { type FeatureKey, FEATURES, keyTexts, LABELS } from "./feature_cache.ts";
import { openTensors, type TensorSource } from "./tensor_source.ts";

/** One of several parts of a data set. */
export interface Shard {
  /** Which, from 1. */
  readonly number: number;
  /** Of how many. */
  readonly of: number;
}

/** What a shard's file says of it beside its key, as JSON under `shard`. */
export interface ShardManifest extends Shard {
  /** Pictures of the whole data set. */
  readonly rows: number;
  /** Hashes of the blocks of 1,024 pictures of the whole that begin in it; the last one may end in the next shard. */
  readonly blocks: BlockHashes;
}

/** Metadata under which the manifest stands. */
export const SHARD = "shard";

/**
 * Rows of a shard: the sizes of shards differ by one at most. If there are fewer rows than shards, some are empty.
 *
 * @returns First row and the row after the last.
 *
 * @example
 * ```ts
 * import { shardRows } from "./feature_shards.ts";
 * if (shardRows(153, { number: 1, of: 3 }).join() !== "0,51") throw new Error();
 * if (shardRows(153, { number: 3, of: 3 }).join() !== "102,153") throw new Error();
 * ```
 */
export function shardRows(length: number, { number, of }: Shard): [start: number, end: number] {
  const at = (shard: number) => Math.floor(length * shard / of);
  return [at(number - 1), at(number)];
}

/**
 * Rows whose hashes a shard's file holds: the blocks of 1,024 that begin in it. So those of all shards, in order, are the blocks of
 * the whole, however it is divided.
 *
 * @returns First row and the row after the last.
 */
export function hashedRows(length: number, shard: Shard): [start: number, end: number] {
  const [start, end] = shardRows(length, shard);
  const next = (row: number) => Math.min(length, Math.ceil(row / HASHED_ROWS) * HASHED_ROWS);
  return [next(start), next(end)];
}

/** `features.safetensors` of shard 2 of 8: `features.2-of-8.safetensors`. */
export function shardPath(out: string, { number, of }: Shard): string {
  const extension = /\.[^./\\]*$/.exec(out)?.[0] ?? "";
  return `${out.slice(0, out.length - extension.length)}.${number}-of-${of}${extension}`;
}

/**
 * Whether a file is that shard, made of the same pictures by the same settings.
 *
 * @throws {UserError} When there is a file that is another one.
 */
export async function isShard(
  path: string,
  manifest: ShardManifest,
  key: FeatureKey,
): Promise<boolean> {
  const expected: Record<string, string> = {
    ...keyTexts(key),
    [SHARD]: JSON.stringify(manifest),
  };
  let source: TensorSource;
  try {
    source = await openTensors(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
  using file = source;
  const { metadata } = file.layout;
  const different = Object.keys(expected).find((name) => metadata[name] !== expected[name]);
  if (different === undefined) return true;
  throw new UserError(
    `Cannot write shard ${
      clip(path)
    }: there is a file of other features (${different} differs); delete it or name another`,
  );
}

/** Shards in order, ready to be joined. Disposing it closes their files. */
export interface ShardSet extends Disposable {
  /** Number of pictures. */
  readonly rows: number;
  /** Values of a row. */
  readonly columns: number;
  /** What the whole depends on, as text. */
  readonly key: Readonly<Record<string, string>>;
  /** Class names, where the shards have labels. */
  readonly classes: readonly string[] | undefined;
  /** The bytes of a tensor of all rows, in order. */
  tensor(name: typeof FEATURES | typeof LABELS): AsyncGenerator<Uint8Array>;
}

/**
 * Opens shards and makes sure that they are all of one data set, and each there once.
 *
 * @throws {UserError} Naming the file that is not there or does not fit, or the shards that are missing.
 */
export async function openShards(paths: readonly string[]): Promise<ShardSet> {
  const files: TensorSource[] = [];
  const close = () => files.forEach((file) => file[Symbol.dispose]());
  try {
    for (const [i, path] of paths.entries()) {
      files.push(
        await openTensors(path).catch((error) => {
          if (!(error instanceof Deno.errors.NotFound)) throw error;
          throw missingShard(path, { number: i + 1, of: Math.max(2, paths.length) });
        }),
      );
    }
    const shards = files.map(readShard).sort((a, b) => a.manifest.number - b.manifest.number);
    checkSet(shards);
    const [first] = shards;
    const { rows, blocks: { files: ofFiles } } = first.manifest;
    const classes = first.classes === undefined ? undefined : JSON.parse(first.classes) as string[];
    const hashes = shards.flatMap(({ manifest }) => manifest.blocks.hashes);
    const datasetSha256 = await hashOfBlocks({ hashes, files: ofFiles }, {
      length: rows,
      classes: classes ?? [],
    });
    return {
      rows,
      columns: first.columns,
      key: { ...first.key, datasetSha256 },
      classes,
      async *tensor(name) {
        for (const { file } of shards) yield* file.read(name);
      },
      [Symbol.dispose]: close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** Names that {@linkcode shardPath} gives. */
const SHARD_NAME = /\.\d+-of-\d+(\.[^./\\]*)?$/;

/** @param shard Which it would be, by its place among those that are given. */
function missingShard(path: string, shard: Shard): UserError {
  const { number, of } = shard;
  const advice = SHARD_NAME.test(path)
    ? "check the path"
    : `extract --shard ${number}/${of} --out ${clip(path)} writes ${clip(shardPath(path, shard))}`;
  return new UserError(`Cannot merge ${clip(path)}: there is no such file; ${advice}`);
}

interface OpenShard {
  readonly file: TensorSource;
  readonly manifest: ShardManifest;
  readonly rows: number;
  readonly columns: number;
  /** The key's parts without the data's hash. */
  readonly key: Readonly<Record<string, string>>;
  /** Class names as JSON. */
  readonly classes: string | undefined;
}

function readShard(file: TensorSource): OpenShard {
  const { layout: { places, metadata } } = file;
  const fail = (detail: string) => new UserError(`Cannot merge ${clip(file.path)}: ${detail}`);
  const features = places.find(({ name }) => name === FEATURES);
  const { [SHARD]: text, classes, datasetSha256: _own, ...key } = metadata;
  if (text === undefined || features?.kind !== "float32" || features.shape.length !== 2) {
    throw fail("it is no shard of features; shards are what graft extract --shard writes");
  }
  const manifest = parseManifest(text);
  if (manifest === undefined) throw fail("what it says of itself is damaged; make it again");
  const [rows, columns] = features.shape;
  const [start, end] = shardRows(manifest.rows, manifest);
  const [from, to] = hashedRows(manifest.rows, manifest);
  const labels = places.find(({ name }) => name === LABELS);
  if (
    rows !== end - start || (labels !== undefined) !== (classes !== undefined) ||
    manifest.blocks.hashes.length !== Math.ceil((to - from) / HASHED_ROWS)
  ) {
    throw fail(`it has ${rows} rows, expected ${end - start} of them; make it again`);
  }
  return { file, manifest, rows, columns, key, classes };
}

/** What {@linkcode SHARD} says, as far as it can be believed. */
function parseManifest(text: string): ShardManifest | undefined {
  const whole = (value: unknown, least: number) =>
    Number.isSafeInteger(value) && value as number >= least;
  try {
    const { number, of, rows, blocks } = JSON.parse(text);
    const sound = whole(of, 1) && whole(number, 1) && number <= of && whole(rows, 0) &&
      Array.isArray(blocks.hashes) && typeof blocks.files === "boolean" &&
      blocks.hashes.every((hash: unknown) => /^[0-9a-f]{64}$/.test(String(hash)));
    return sound ? { number, of, rows, blocks } : undefined;
  } catch {
    return undefined;
  }
}

/** @throws {UserError} When the shards are not one data set, each once. */
function checkSet(shards: readonly OpenShard[]): void {
  const [first, ...others] = shards;
  if (first === undefined) throw new UserError("Cannot merge: no shard is given");
  const { of, rows, blocks } = first.manifest;
  const fail = ({ file }: OpenShard, detail: string) =>
    new UserError(
      `Cannot merge ${clip(file.path)}: ${detail}, unlike ${
        clip(first.file.path)
      }; give shards of one run`,
    );
  for (const shard of others) {
    const { manifest, key, columns, classes } = shard;
    if (manifest.of !== of) throw fail(shard, `it is one of ${manifest.of} shards`);
    if (manifest.rows !== rows) throw fail(shard, `its data set has ${manifest.rows} pictures`);
    const names = new Set([...Object.keys(first.key), ...Object.keys(key)]);
    const different = [...names].find((name) => key[name] !== first.key[name]);
    if (different !== undefined) throw fail(shard, `it was made by other ${different}`);
    if (columns !== first.columns) throw fail(shard, `it has ${columns} columns`);
    if (classes !== first.classes) throw fail(shard, "it has other classes");
    if (manifest.blocks.files !== blocks.files) {
      throw fail(shard, "its pictures are kept otherwise");
    }
  }
  const numbers = shards.map(({ manifest }) => manifest.number);
  const twice = numbers.find((number, i) => number === numbers[i - 1]);
  if (twice !== undefined) throw new UserError(`Cannot merge: shard ${twice} is given twice`);
  const missing = Array.from({ length: of }, (_, i) => i + 1).filter((n) => !numbers.includes(n));
  if (missing.length > 0) {
    const list = missing.slice(0, 10).join(", ") + (missing.length > 10 ? " …" : "");
    throw new UserError(`Cannot merge: of ${of} shards ${missing.length} are missing: ${list}`);
  }
}
