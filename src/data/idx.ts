/** Reader of IDX files, the format of MNIST and Fashion-MNIST. @module */

import { UserError } from "../core/errors.ts";
import { clip } from "../core/quoted.ts";
import { type ByteInput, lookInto } from "./byte_input.ts";

/** An IDX file of bytes. */
export interface IdxArray {
  /** Sizes, outermost first: `[60000, 28, 28]` for pictures, `[60000]` for labels. */
  readonly shape: readonly number[];
  /** Elements in row-major order. */
  readonly data: Uint8Array;
}

/** The IDX type code of unsigned bytes (http://yann.lecun.com/exdb/mnist, "the IDX file format"). */
const UNSIGNED_BYTE = 0x08;

/** Where an IDX file comes from: bytes in memory, or an opened file or URL. */
export type IdxInput = Pick<ByteInput, "name" | "size" | "chunks">;

/**
 * Reads an IDX file of unsigned bytes, plain or gzip-compressed, piece by piece: in memory are the elements that the header announces
 * and a few megabytes. A size that is known is compared with the header before anything is read, and not more is decompressed than
 * the header announces.
 *
 * @param source An input, or all bytes.
 * @param options `name` is what to call bytes in errors; `signal` stops between two pieces.
 * @throws {UserError} When it is not an IDX file of bytes, its size is not what its header says, or so few bytes of gzip announce so
 * many that it is a bomb.
 *
 * @example
 * ```ts
 * import { readIdx } from "./idx.ts";
 * const { shape, data } = await readIdx(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 9));
 * if (shape.join() !== "2" || data.join() !== "7,9") throw new Error(data.join());
 * ```
 */
export async function readIdx(
  source: Uint8Array | IdxInput,
  { name: given = "the IDX file", signal }: {
    readonly name?: string;
    readonly signal?: AbortSignal;
  } = {},
): Promise<IdxArray> {
  const { name, size, chunks } = source instanceof Uint8Array
    ? { name: given, size: source.length, chunks: only(source) }
    : source;
  const { head: start, input } = await lookInto({ name, size, chunks, [Symbol.dispose]() {} });
  const isGzip = start[0] === 0x1f && start[1] === 0x8b;
  const packed = { read: 0 };
  const pieces = isGzip ? gunzip(input.chunks, packed) : input.chunks;
  let head = new Uint8Array(0);
  let shape: number[] | undefined;
  let data = new Uint8Array(0);
  let filled = 0;
  try {
    for await (let piece of pieces) {
      signal?.throwIfAborted();
      if (shape === undefined) {
        head = concat(head, piece);
        shape = parseHeader(head, name);
        if (shape === undefined) continue;
        const length = shape.reduce((product, side) => product * side, 1);
        const headerBytes = 4 + 4 * shape.length;
        if (isGzip) checkExpansion(length, size);
        else if (size !== undefined) checkSize(size - headerBytes, length, shape);
        piece = head.subarray(headerBytes);
        data = new Uint8Array(length); // zeros take no memory until they are written to
      }
      if (filled + piece.length > data.length) throw tooMuch(data.length, shape);
      if (isGzip) checkExpansion(filled + piece.length, packed.read);
      data.set(piece, filled);
      filled += piece.length;
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof UserError || !isGzip || !(error instanceof TypeError)) throw error;
    throw fail(`decompressing failed (${error.message}); fetch the file again`, error);
  }
  if (shape === undefined) {
    throw fail(`it ends after ${head.length} bytes, expected a whole header; the file is cut off`);
  }
  checkSize(filled, data.length, shape);
  return { shape, data };

  function fail(detail: string, cause?: unknown): UserError {
    return new UserError(`Cannot read ${name}: ${detail}`, { cause });
  }

  function tooMuch(expected: number, shape: readonly number[]): UserError {
    return fail(
      `there is more data than the ${expected} bytes of shape [${
        clip(shape.join(", "))
      }] that its header announces; the file is damaged`,
    );
  }

  function checkSize(found: number, expected: number, shape: readonly number[]): void {
    if (found > expected) throw tooMuch(expected, shape);
    if (found < expected) {
      throw fail(
        `it ends after ${found} bytes, expected ${expected} bytes of data; the file is cut off`,
      );
    }
  }

  /** Refuses what so few compressed bytes (`undefined`: not known) can only become if they say nothing. */
  function checkExpansion(bytes: number, packed: number | undefined): void {
    if (packed === undefined || bytes <= FREE_BYTES + MAX_EXPANSION * packed) return;
    throw fail(
      `${packed} compressed bytes become ${bytes}, more than ${MAX_EXPANSION} times as many, as in a decompression bomb; ` +
        "if that is right, unpack the file and give it unpacked",
    );
  }
}

/** Unpacked bytes that any compressed file may have. */
const FREE_BYTES = 1 << 26;

/**
 * Unpacked bytes for each compressed one beyond those. MNIST has 5, drawings of two colours 20; deflate can make 1,032 (zlib's
 * technical notes), of zeros alone.
 */
const MAX_EXPANSION = 64;

/** The sizes that the header announces; `undefined` while the header is not complete. */
function parseHeader(head: Uint8Array, name: string): number[] | undefined {
  if (head.length < 4) return undefined;
  const [zero, alsoZero, type, rank] = head;
  if (zero !== 0 || alsoZero !== 0 || rank === 0) {
    throw new UserError(
      `Cannot read ${name}: it begins with bytes ${zero}, ${alsoZero}, ${type}, ${rank}, expected 0, 0, 8 and the ` +
        "number of dimensions; it is no IDX file",
    );
  }
  if (type !== UNSIGNED_BYTE) {
    throw new UserError(
      `Cannot read ${name}: its IDX element type is ${type}, expected 8 (unsigned bytes)`,
    );
  }
  if (head.length < 4 + 4 * rank) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const size = shape.reduce((product, n) => product * n, 1);
  if (!(size <= MAX_BYTES)) { // infinite, or infinite times nothing
    throw new UserError(
      `Cannot read ${name}: its header announces ${size} bytes of shape [${
        clip(shape.join(", "))
      }], at most ` +
        `${MAX_BYTES} are read; the file is damaged or too large`,
    );
  }
  return shape;
}

/** 2 GiB: no data set of small pictures comes near, a damaged header soon does. */
const MAX_BYTES = 2 ** 31;

/** Compressed bytes that are handed over at once: they become 17 MB at the most. */
const GZIP_BYTES = 1 << 14;

/**
 * Unpacks piece by piece: no more is unpacked than is asked for.
 *
 * @param packed Counts the compressed bytes.
 */
async function* gunzip(
  chunks: AsyncIterable<Uint8Array>,
  packed: { read: number },
): AsyncGenerator<Uint8Array> {
  const { readable, writable } = new DecompressionStream("gzip");
  const writer = writable.getWriter();
  const feed = async () => {
    try {
      for await (const chunk of chunks) {
        for (let at = 0; at < chunk.length; at += GZIP_BYTES) {
          const piece = chunk.slice(at, at + GZIP_BYTES);
          packed.read += piece.length;
          await writer.write(piece);
        }
      }
      await writer.close();
    } catch (error) {
      await writer.abort(error).catch(() => {}); // whoever reads gets the error
    }
  };
  // Ends with what is read, and at an early end with the next chunk: not waited for, because a pipe may be silent until then.
  feed();
  yield* readable;
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}
