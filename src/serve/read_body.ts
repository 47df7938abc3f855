/** The pictures in a request's body, within limits of size and time. @module */

import { nextTurn } from "../core/next_turn.ts";
import { boundaryOf, createFormReader, FormError } from "./form.ts";
import { GrowingBytes } from "./growing_bytes.ts";
import { Problem } from "./problem.ts";

/** Limits of {@linkcode readPictures}. */
export interface BodyLimits {
  /** Most bytes of a body. */
  readonly maxBodyBytes: number;
  /** Most pictures of a body. */
  readonly maxPictures: number;
  /** Time that a body may take to arrive, in milliseconds. */
  readonly bodyTimeoutMs: number;
}

/** What goes with the limits of {@linkcode readPictures}. */
export interface ReadingOptions extends BodyLimits {
  /** Aborted when the server is to end: then a body has {@linkcode STOPPING_MS} left. */
  readonly stopping: AbortSignal;
  /** Counts bytes as they arrive. */
  readonly hold: (bytes: number) => void;
}

/** Time that a body has left when the server is to end, in milliseconds. */
const STOPPING_MS = 2000;

/** A body of more pieces than this … */
const FEW_PIECES = 500;
/** … of fewer bytes on average is refused: each piece costs as much as a thousand bytes. */
const SMALL_PIECE = 128;
/** Time that pieces are taken at a stretch, in milliseconds. */
const STRETCH_MS = 5;

/** Bytes that are asked for at once. */
const BODY_BYTES = 65_536;
/**
 * The same of a body in chunks, at least and at most. For each piece that is read Deno (2.9.6) receives as many bytes, and for each chunk
 * that it takes out moves along all that it has received and not handed over; what is left when the answer is sent it takes apart the
 * same way and without a turn for others: some MB of chunks of one byte held the event loop up for minutes. So no more is asked for than
 * twice what the last piece had, and …
 */
const [LEAST_BYTES, MOST_BYTES] = [64, 512];
/** … a body is refused once more than this may have been received ahead. */
const AHEAD_BYTES = 262_144;

/** Bytes that all requests together may hold. */
export interface HeldBytes {
  /** @throws {Problem} When there is no room for as many. */
  take(bytes: number): void;
  /** Gives back what was taken. */
  give(bytes: number): void;
}

/** A count of the bytes that are held, at most `limit`. */
export function heldBytes(limit: number): HeldBytes {
  let held = 0;
  return {
    take(bytes) {
      if (held + bytes > limit) {
        throw new Problem("busy", "too much is being read; try again in a second", {
          "retry-after": "1",
        });
      }
      held += bytes;
    },
    give(bytes) {
      held -= bytes;
    },
  };
}

/** What a body held. */
export interface Body {
  /** Picture files; whether they are any is not looked at yet. */
  readonly pictures: readonly Uint8Array<ArrayBuffer>[];
  /** Bytes that arrived. */
  readonly bytes: number;
}

/** Fields of a form that are not files: more than a page has. */
const MAX_FIELDS = 64;

/**
 * Reads a body that is one image file, or a form (`multipart/form-data`) with some. What a file is, its content tells and not its
 * type: `curl --data-binary` calls everything a form of another kind.
 *
 * A `content-length` is believed only where it says that the body is too large: what arrives is counted, a form's files and fields as
 * they come.
 *
 * @throws {Problem} When it is too large, too slow, empty, cut off, no form where it says so, or a form of too many files or fields.
 */
export async function readPictures(request: Request, limits: ReadingOptions): Promise<Body> {
  const contentType = request.headers.get("content-type") ?? "";
  const isForm = contentType.split(";")[0].trim().toLowerCase() === "multipart/form-data";
  if (!isForm) {
    const whole = new GrowingBytes();
    const bytes = await readLimited(request, limits, (piece) => {
      whole.push(piece);
      return piece.length;
    });
    if (bytes === 0) {
      throw new Problem("bad-request", "the body is empty; send a JPEG or PNG image");
    }
    return { pictures: [whole.bytes()], bytes };
  }
  try {
    const { maxPictures } = limits;
    const boundary = boundaryOf(contentType);
    if (boundary === undefined) throw new FormError("syntax");
    const form = createFormReader(boundary, { maxFiles: maxPictures, maxFields: MAX_FIELDS });
    const bytes = await readLimited(request, limits, (piece) => form.push(piece));
    const pictures = form.end();
    if (pictures.length > 0) return { pictures, bytes };
  } catch (error) {
    throw error instanceof FormError ? formProblem(error, limits) : error;
  }
  throw new Problem("bad-request", "the form has no file; send one or more as files");
}

function formProblem({ reason }: FormError, { maxPictures }: BodyLimits): Problem {
  if (reason === "files") {
    return new Problem(
      "too-many-pictures",
      `the form has more than ${maxPictures} files, expected at most ${maxPictures}; send fewer at once`,
    );
  }
  if (reason === "fields") {
    return new Problem(
      "too-many-fields",
      `the form has more than ${MAX_FIELDS} fields beside its files; send the files alone`,
    );
  }
  return new Problem("bad-request", "the form cannot be read; send multipart/form-data with files");
}

/**
 * Reads a body to its end, piece by piece.
 *
 * @param take Takes a piece; returns how many bytes are held of it.
 * @returns Bytes that arrived.
 */
async function readLimited(
  request: Request,
  { maxBodyBytes, bodyTimeoutMs, stopping, hold }: ReadingOptions,
  take: (piece: Uint8Array) => number,
): Promise<number> {
  const tooLarge = () =>
    new Problem(
      "body-too-large",
      `the body is larger than ${maxBodyBytes} bytes; send less at once`,
    );
  if (Number(request.headers.get("content-length")) > maxBodyBytes) throw tooLarge();
  if (request.body === null) return 0;
  const { headers } = request;
  const isChunked = headers.has("transfer-encoding") || !headers.has("content-length");
  const reader = pieceReader(request.body);
  let room = isChunked ? MOST_BYTES : BODY_BYTES;
  let ahead = 0;
  let late: Problem | undefined;
  // A timer that ends the stream, and no promise to race: each race would leave something behind on it, for each piece.
  const giveUp = (problem: Problem) => {
    late ??= problem;
    reader.cancel().catch(() => {});
  };
  const slow = `the body took more than ${bodyTimeoutMs} ms; send it faster`;
  const timers = [setTimeout(() => giveUp(new Problem("body-too-slow", slow)), bodyTimeoutMs)];
  const hurry = () => {
    const problem = new Problem("stopping", "the server is stopping; ask another", {
      "retry-after": "1",
    });
    timers.push(setTimeout(() => giveUp(problem), STOPPING_MS));
  };
  if (stopping.aborted) hurry();
  else stopping.addEventListener("abort", hurry);
  let bytes = 0;
  let pieces = 0;
  let turned = performance.now();
  try {
    while (true) {
      const { done, value } = await reader.read(room);
      if (late) throw late;
      if (done || value === undefined) return bytes;
      bytes += value.length;
      if (bytes > maxBodyBytes) throw tooLarge();
      hold(take(value));
      if (isChunked) {
        ahead += Math.max(0, room - value.length);
        room = Math.min(MOST_BYTES, Math.max(LEAST_BYTES, 2 * value.length));
      }
      const isCostly = ++pieces > FEW_PIECES && bytes < pieces * SMALL_PIECE;
      if (isCostly || ahead > AHEAD_BYTES) {
        throw new Problem(
          "bad-request",
          "the body comes in pieces that are too small; send it as a whole",
        );
      }
      // Pieces that are there already come without a turn of the event loop: nobody else would get one.
      if (performance.now() - turned > STRETCH_MS) {
        await nextTurn();
        turned = performance.now();
      }
    }
  } catch (error) {
    reader.cancel().catch(() => {}); // the rest is of no use; a connection that is gone cannot be told
    if (error instanceof Problem || error instanceof FormError) throw error;
    throw new Problem("bad-request", "the body was cut off; send it again");
  } finally {
    timers.forEach(clearTimeout);
    stopping.removeEventListener("abort", hurry);
  }
}

/** Reads the pieces of a body. */
interface PieceReader extends Pick<ReadableStreamDefaultReader, "cancel"> {
  /** The next piece, of `size` bytes at most if the stream is one of bytes; valid until the next one is asked for. */
  read(size: number): Promise<ReadableStreamReadResult<Uint8Array>>;
}

function pieceReader(body: ReadableStream<Uint8Array<ArrayBuffer>>): PieceReader {
  let reader: ReadableStreamBYOBReader;
  try {
    reader = body.getReader({ mode: "byob" });
  } catch {
    return body.getReader(); // what an adapter hands over may be another stream
  }
  let buffer = new ArrayBuffer(BODY_BYTES);
  return {
    async read(size) {
      const result = await reader.read(new Uint8Array(buffer, 0, size));
      if (result.value) buffer = result.value.buffer;
      return result as ReadableStreamReadResult<Uint8Array>;
    },
    cancel: (reason) => reader.cancel(reason),
  };
}
