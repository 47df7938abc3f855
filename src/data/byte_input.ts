/** Bytes of a file or URL, piece by piece. @module */

import { type DownloadStream, IdleError, openDownload } from "../core/download_stream.ts";
import { UserError } from "../core/errors.ts";
import { heldPipe } from "../core/pipes.ts";
import { clip, quoted } from "../core/quoted.ts";
import { shownSource, shownText } from "../core/shown_source.ts";

/** An opened file or URL. */
export interface ByteInput extends Disposable {
  /** What to call it in messages and results: the path, or the address without what may be secret. */
  readonly name: string;
  /** The address as it was given, for files beside it; a path has none. */
  readonly address?: string;
  /** Length in bytes, where known. */
  readonly size: number | undefined;
  /** The bytes in pieces; a piece is valid until the next one is asked for. To be walked through once. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Large enough for reads to cost nothing beside parsing, small beside any data set. */
const CHUNK_BYTES = 1 << 20;

/**
 * Opens a local file (path or `file:` URL) or an `http(s):` URL for reading.
 *
 * @param source Path or URL.
 * @param options `signal` stops a download.
 * @throws {UserError} When there is none, it is a folder, or it may not be read.
 *
 * @example
 * ```ts
 * import { openBytes } from "./byte_input.ts";
 * using input = await openBytes("README.md"); // or: an address
 * for await (const chunk of input.chunks) console.log(chunk.length);
 * ```
 */
export async function openBytes(
  source: string | URL,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<ByteInput> {
  const url = asUrl(source);
  if (url && url.protocol !== "file:") return await openUrl(url, signal);
  return await openFile(url ?? String(source), shownSource(source));
}

/** Options of {@linkcode readAll}. */
export interface ReadAllOptions {
  /** More bytes are refused. */
  readonly limit: number;
  /** What to do instead, for the message. */
  readonly advice: string;
  /** Stops between two pieces. */
  readonly signal?: AbortSignal;
}

/** All bytes of an input. @throws {UserError} When there are more than `limit`. */
export async function readAll(
  { name, size, chunks }: ByteInput,
  { limit, advice, signal }: ReadAllOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const refuse = () =>
    new UserError(`Cannot read ${name}: it has more than ${limit} bytes; ${advice}`);
  if ((size ?? 0) > limit) throw refuse();
  // What an input says of its size is only believed as far as memory is set aside for it, which is not yet used.
  let bytes = new Uint8Array(size ?? CHUNK_BYTES);
  let length = 0;
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    const needed = length + chunk.length;
    if (needed > limit) throw refuse();
    if (needed > bytes.length) bytes = joined([bytes], Math.max(needed, 2 * bytes.length));
    bytes.set(chunk, length);
    length = needed;
  }
  return length === bytes.length ? bytes : bytes.slice(0, length);
}

/** Bytes that {@linkcode lookInto} hands over, unless there are fewer. */
const HEAD_BYTES = 4096;

/**
 * Looks at the first bytes of an input without losing them.
 *
 * @returns 4 KiB or more, unless there are fewer, and the input from its beginning, to be walked through once.
 */
export async function lookInto(
  input: ByteInput,
): Promise<{ readonly head: Uint8Array; readonly input: ByteInput }> {
  const iterator = input.chunks[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array(0);
  let done = false;
  while (!done && head.length < HEAD_BYTES) {
    const next = await iterator.next();
    if (next.done) done = true;
    else head = joined([head, next.value]);
  }
  async function* chunks() {
    try {
      if (head.length > 0) yield head;
      if (!done) yield* { [Symbol.asyncIterator]: () => iterator };
    } finally {
      await iterator.return?.();
    }
  }
  const { name, address, size } = input;
  return {
    head,
    input: {
      name,
      address,
      size,
      chunks: chunks(),
      [Symbol.dispose]: () => input[Symbol.dispose](),
    },
  };
}

/** @param size Of the result, where it is to have room for more. */
function joined(
  pieces: readonly Uint8Array[],
  size: number = pieces.reduce((length, piece) => length + piece.length, 0),
): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** The URL that a source is; `undefined` for a path. A single letter before the colon is a Windows drive. @throws {UserError} For an address that is none. */
export function asUrl(source: string | URL): URL | undefined {
  if (source instanceof URL) return source;
  if (!/^(https?|file):/i.test(source)) return undefined;
  if (URL.canParse(source)) return new URL(source);
  throw new UserError(
    `Cannot read ${quoted(shownSource(source))}: it is no valid address; check it`,
  );
}

async function openFile(path: string | URL, name: string): Promise<ByteInput> {
  const pieces = heldPipe(path);
  if (pieces !== undefined) {
    const size = pieces.reduce((sum, { length }) => sum + length, 0);
    return { name, size, chunks: ReadableStream.from(pieces), [Symbol.dispose]() {} };
  }
  let file: Deno.FsFile;
  try {
    file = await Deno.open(path, { read: true });
  } catch (error) {
    throw unreadable(name, error);
  }
  const { isDirectory, isFile, size } = await file.stat();
  if (isDirectory) {
    file.close();
    throw new UserError(`Cannot read ${name}: it is a folder, expected a file`);
  }
  async function* chunks() {
    const buffer = new Uint8Array(CHUNK_BYTES);
    while (true) {
      const length = await file.read(buffer);
      if (length === null) return;
      yield buffer.subarray(0, length);
    }
  }
  // A size of 0 is what pipes and files of /proc say.
  const known = isFile && size > 0 ? size : undefined;
  return { name, size: known, chunks: chunks(), [Symbol.dispose]: () => file.close() };
}

async function openUrl(url: URL, signal: AbortSignal | undefined): Promise<ByteInput> {
  const name = shownSource(url);
  const failed = (error: unknown) => {
    signal?.throwIfAborted();
    return error instanceof IdleError
      ? new UserError(`Cannot read ${name}: ${error.message}; try again`, { cause: error })
      : unreadable(name, error);
  };
  let download: DownloadStream;
  try {
    download = await openDownload(url, { signal });
  } catch (error) {
    throw failed(error);
  }
  const { response, length } = download;
  const dispose = () => void download[Symbol.asyncDispose]();
  if (!response.ok || response.body === null) {
    dispose();
    throw new UserError(
      `Cannot read ${name}: the server answers ${response.status} ${
        clip(response.statusText, 40)
      }, expected 200; check the address`,
    );
  }
  async function* chunks() {
    try {
      yield* download.chunks;
    } catch (error) {
      throw failed(error);
    }
  }
  return {
    name,
    address: url.href,
    size: length,
    chunks: chunks(),
    [Symbol.dispose]: dispose,
  };
}

/** A longer name is cut in messages. */
const MAX_NAME = 1000;

/** The error for a source that the system refuses, with the refusal as its cause; others are passed on as they are. */
export function unreadable(given: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof UserError) return error;
  const name = clip(given, MAX_NAME);
  const isUrl = /^[a-z][a-z+.-]+:/i.test(name);
  const reason = error instanceof Deno.errors.NotFound
    ? "there is no such file; check the path"
    : error instanceof Deno.errors.NotCapable
    ? isUrl
      ? error.message // names the flag, see openDownload
      : /^Requires all access/.test(error.message) // whatever --allow-read says
      ? "it is a device or a file of the system, which Deno opens with --allow-all only; run with that, or give a file"
      : `Deno may not read it; run with --allow-read=${name}`
    : error instanceof Deno.errors.PermissionDenied
    ? "permission denied; change the file's permissions"
    : error instanceof TypeError && isUrl
    ? `the connection fails (${
      quoted(shownText(error.message))
    }); check the address and the network`
    : !isUrl && given.includes("\0")
    ? "its name holds a zero byte, which no name of a file has; check the path"
    // What else the system says: a name that is too long, a loop of links, a disk that fails.
    : /^(.*?) ?\(os error \d+\)/.exec(error.message)?.[1].concat("; check the path");
  return reason ? new UserError(`Cannot read ${name}: ${reason}`, { cause: error }) : error;
}
