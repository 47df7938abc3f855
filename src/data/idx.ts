/** Reader of IDX files, the format of MNIST and Fashion-MNIST. @module */

import { UserError } from "../core/errors.ts";

/** An IDX file of bytes. */
export interface IdxArray {
  /** Sizes, outermost first: `[60000, 28, 28]` for pictures, `[60000]` for labels. */
  readonly shape: readonly number[];
  /** Elements in row-major order. */
  readonly data: Uint8Array;
}

/** The IDX type code of unsigned bytes (http://yann.lecun.com/exdb/mnist, "the IDX file format"). */
const UNSIGNED_BYTE = 0x08;

/**
 * Reads an IDX file of unsigned bytes, plain or gzip-compressed. Not more is decompressed than the header
 * announces.
 *
 * @param bytes The whole file.
 * @param name What to call it in errors.
 * @throws {UserError} When it is no IDX file of bytes, or its size is not what its header says.
 *
 * @example
 * ```ts
 * import { readIdx } from "./idx.ts";
 * const { shape, data } = await readIdx(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 9));
 * if (shape.join() !== "2" || data.join() !== "7,9") throw new Error(data.join());
 * ```
 */
export async function readIdx(bytes: Uint8Array, name = "the IDX file"): Promise<IdxArray> {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const chunks = isGzip ? gunzip(bytes) : [bytes];
  // The longest header: 4 bytes and 255 sizes.
  let head = new Uint8Array(0);
  let shape: number[] | undefined;
  let data = new Uint8Array(0);
  let filled = 0;
  try {
    for await (let chunk of chunks) {
      if (shape === undefined) {
        head = concat(head, chunk);
        shape = parseHeader(head, name);
        if (shape === undefined) continue;
        chunk = head.subarray(4 + 4 * shape.length);
        data = new Uint8Array(shape.reduce((product, size) => product * size, 1));
      }
      if (filled + chunk.length > data.length) {
        throw new UserError(
          `Cannot read ${name}: there is more data than the ${data.length} bytes of shape ` +
            `[${shape.join(", ")}] that its header announces; the file is damaged`,
        );
      }
      data.set(chunk, filled);
      filled += chunk.length;
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      `Cannot read ${name}: decompressing failed (${
        (error as Error).message
      }); fetch the file again`,
      { cause: error },
    );
  }
  if (shape === undefined || filled < data.length) {
    const expected = shape === undefined ? "a whole header" : `${data.length} bytes of data`;
    throw new UserError(
      `Cannot read ${name}: it ends after ${
        shape === undefined ? head.length : filled
      } bytes, expected ${expected}; ` +
        "the file is cut off",
    );
  }
  return { shape, data };
}

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
  if (size > MAX_BYTES) {
    throw new UserError(
      `Cannot read ${name}: its header announces ${size} bytes of shape [${
        shape.join(", ")
      }], at most ` +
        `${MAX_BYTES} are read; the file is damaged or too large`,
    );
  }
  return shape;
}

/** 2 GiB: no data set of small pictures comes near, a damaged header soon does. */
const MAX_BYTES = 2 ** 31;

function gunzip(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new Blob([bytes as Uint8Array<ArrayBuffer>]).stream()
    .pipeThrough(new DecompressionStream("gzip"));
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}
