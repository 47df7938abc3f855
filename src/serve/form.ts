/** Files of a form (`multipart/form-data`: RFC 7578, and RFC 2046, 5.1), read while it arrives. @module */

import { GrowingBytes } from "./growing_bytes.ts";

/** Limits of {@linkcode createFormReader}. */
export interface FormLimits {
  /** Most files. */
  readonly maxFiles: number;
  /** Most fields that are not files. */
  readonly maxFields: number;
}

/** Reason not to read a form to its end. */
export class FormError extends Error {
  /** `"files"`, `"fields"`: more than the limit; `"syntax"`: not a form, or cut off. */
  readonly reason: "files" | "fields" | "syntax";

  /** @param reason See {@linkcode FormError.reason}. */
  constructor(reason: "files" | "fields" | "syntax") {
    super(`form: ${reason}`);
    this.reason = reason;
  }
}

/** Takes a form piece by piece. */
export interface FormReader {
  /**
   * Reads on.
   *
   * @returns Bytes of files among these, of which the reader holds a copy.
   * @throws {FormError} As soon as a limit is passed, or what comes cannot be a form.
   */
  push(piece: Uint8Array): number;
  /** The files, in order. @throws {FormError} When the form is not complete. */
  end(): Uint8Array<ArrayBuffer>[];
}

/** Most bytes of the headers of one part. */
const MAX_HEADER_BYTES = 8192;
/** Most headers of one part. */
const MAX_HEADERS = 16;
/** Most bytes between a boundary and the end of its line. */
const MAX_PADDING = 64;

const [LF, CR] = [10, 13];

/**
 * The boundary that a content type names.
 *
 * @returns `undefined` for none, or one that RFC 2046 does not allow.
 */
export function boundaryOf(contentType: string): string | undefined {
  const boundary = parameters(contentType).get("boundary");
  return boundary !== undefined && /^[ -~]{0,69}[!-~]$/.test(boundary) ? boundary : undefined;
}

/** Parameters of a header's value, by their names in lower case; the first of a name counts. */
function parameters(value: string): Map<string, string> {
  const found = new Map<string, string>();
  const pattern = /;[ \t]*([^=;\s]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^;]*))/g;
  for (const [, name, inQuotes, bare] of value.matchAll(pattern)) {
    const key = name.toLowerCase();
    if (!found.has(key)) found.set(key, inQuotes?.replace(/\\(.)/g, "$1") ?? bare.trim());
  }
  return found;
}

/**
 * A reader that holds nothing but files: fields of text are counted and passed over, and so is what stands before the first boundary and
 * behind the last one. The work is linear in the bytes, whatever the pieces.
 *
 * A part with a file name is a file, as for `Request.formData()`; one without name and content is what a browser sends for an input
 * without a file, and left out.
 *
 * @param boundary See {@linkcode boundaryOf}.
 *
 * @example
 * ```ts
 * import { createFormReader } from "./form.ts";
 * const reader = createFormReader("X", { maxFiles: 1, maxFields: 1 });
 * const head = 'Content-Disposition: form-data; name="a"; filename="a.txt"';
 * reader.push(new TextEncoder().encode(`--X\r\n${head}\r\n\r\nhello\r\n--X--\r\n`));
 * if (new TextDecoder().decode(reader.end()[0]) !== "hello") throw new Error();
 * ```
 */
export function createFormReader(
  boundary: string,
  { maxFiles, maxFields }: FormLimits,
): FormReader {
  const delimiter = new TextEncoder().encode(`\r\n--${boundary}`);
  const files: { readonly fileName: string; readonly bytes: GrowingBytes }[] = [];
  let fields = 0;
  let state: "content" | "boundary" | "headers" | "end" = "content";
  /** The file that the content belongs to; `undefined` where it is passed over. */
  let file: GrowingBytes | undefined;
  /** Bytes of the delimiter that the last ones agree with. A form, or a part without content, may begin with its last part: as if a line had ended. */
  let matched = 2;
  /** How many of them are only imagined so. */
  let imagined = 2;
  let held = 0;
  let line = "";
  let headers: string[] = [];
  let headerBytes = 0;

  const take = (bytes: Uint8Array, from: number, to: number) => {
    if (file === undefined || to <= from) return;
    file.push(bytes.subarray(from, to));
    held += to - from;
  };
  const readContent = (piece: Uint8Array, from: number): number => {
    /** How many of the matching bytes came before these. */
    let before = matched;
    for (let at = from; at < piece.length; at++) {
      if (piece[at] === delimiter[matched]) {
        if (++matched < delimiter.length) continue;
        take(piece, from, at + 1 - (matched - before));
        [state, file, line] = ["boundary", undefined, ""];
        return at + 1;
      }
      if (matched === 0) continue;
      // No delimiter after all. It has one CR, its first byte: another match can begin here at the earliest.
      take(delimiter, imagined, before);
      [matched, imagined, before] = [piece[at] === CR ? 1 : 0, 0, 0];
    }
    take(piece, from, piece.length - (matched - before));
    return piece.length;
  };
  /** The rest of a boundary's line: spaces, or `--` behind the last part. */
  const readBoundary = (byte: number) => {
    line += String.fromCharCode(byte);
    if (line === "--") {
      state = "end";
    } else if (byte === LF && /^[ \t]*\r\n$/.test(line)) {
      [state, line, headers, headerBytes] = ["headers", "", [], 0];
    } else if (!/^(?:-|[ \t]*\r?)$/.test(line) || line.length > MAX_PADDING) {
      throw new FormError("syntax");
    }
  };
  const readHeaders = (piece: Uint8Array, at: number): number => {
    const lineEnd = piece.indexOf(LF, at);
    const to = lineEnd < 0 ? piece.length : lineEnd + 1;
    headerBytes += to - at;
    if (headerBytes > MAX_HEADER_BYTES) throw new FormError("syntax");
    line += String.fromCharCode(...piece.subarray(at, to)); // one character a byte: only ASCII is looked at
    if (lineEnd < 0) return to;
    if (!line.endsWith("\r\n")) throw new FormError("syntax");
    const text = line.slice(0, -2);
    line = "";
    if (text === "") startContent();
    else if (/^[ \t]/.test(text) && headers.length > 0) headers[headers.length - 1] += text;
    else if (headers.push(text) > MAX_HEADERS) throw new FormError("syntax");
    return to;
  };
  const startContent = () => {
    const fileName = fileNameOf(headers);
    if (fileName !== undefined) {
      if (files.length === maxFiles) throw new FormError("files");
      files.push({ fileName, bytes: file = new GrowingBytes() });
    } else if (++fields > maxFields) {
      throw new FormError("fields");
    }
    [state, matched, imagined] = ["content", 2, 2];
  };
  return {
    push(piece) {
      held = 0;
      for (let at = 0; at < piece.length && state !== "end";) {
        if (state === "content") at = readContent(piece, at);
        else if (state === "headers") at = readHeaders(piece, at);
        else readBoundary(piece[at++]);
      }
      return held;
    },
    end() {
      if (state !== "end") throw new FormError("syntax");
      return files.filter(({ fileName, bytes }) => fileName !== "" || bytes.length > 0)
        .map(({ bytes }) => bytes.bytes());
    },
  };
}

function fileNameOf(headers: readonly string[]): string | undefined {
  const disposition = headers.find((header) => /^content-disposition[ \t]*:/i.test(header));
  const found = parameters(disposition ?? "");
  return found.get("filename") ?? found.get("filename*");
}
