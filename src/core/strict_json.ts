/** JSON from files that anybody may have written. @module */

/** Bounds of {@linkcode parseStrictJson}. */
export interface JsonBounds {
  /** Most lists and objects within one another. */
  readonly depth: number;
  /** Most lists, objects and names of fields in all: each takes memory far beyond its text. @default {1_000_000} */
  readonly parts?: number;
}

/**
 * Parses JSON that nests no deeper and holds no more than it should, and names no field of an object twice: `JSON.parse` takes the
 * last one, other readers the first.
 *
 * @throws {SyntaxError} It is not JSON, or beyond the bounds; nothing is built then.
 *
 * @example
 * ```ts
 * import { parseStrictJson } from "./strict_json.ts";
 * if (JSON.stringify(parseStrictJson('{"a":[1]}', { depth: 2 })) !== '{"a":[1]}') throw new Error();
 * ```
 */
export function parseStrictJson(text: string, { depth, parts = 1_000_000 }: JsonBounds): unknown {
  const names = measure(text, depth, parts);
  const value: unknown = JSON.parse(text);
  if (countNames(value) !== names) throw new SyntaxError("a field is there twice");
  return value;
}

const [QUOTE, COLON, COMMA, BACKSLASH] = [0x22, 0x3a, 0x2c, 0x5c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Number of names of fields. @throws {SyntaxError} Beyond the bounds. */
function measure(text: string, maxDepth: number, maxParts: number): number {
  let depth = 0, names = 0, containers = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
      continue;
    }
    if (code === COLON) names++;
    else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      containers++;
      if (++depth > maxDepth) throw new SyntaxError(`it nests deeper than ${maxDepth}`);
    } else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth--;
    else if (code !== COMMA) continue;
    if (names + containers > maxParts) {
      throw new SyntaxError(`it has more than ${maxParts} lists, objects and fields`);
    }
  }
  return names;
}

/** Index of the closing quote; the end of the text where there is none. */
function endOfString(text: string, start: number): number {
  for (let end = start;;) {
    end = text.indexOf('"', end + 1);
    if (end === -1) return text.length;
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return end;
  }
}

function countNames(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  if (Array.isArray(value)) {
    let names = 0;
    for (const item of value) names += countNames(item);
    return names;
  }
  let names = 0;
  for (const item of Object.values(value)) names += 1 + countNames(item);
  return names;
}
