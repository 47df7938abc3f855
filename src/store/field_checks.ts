/** Checks on the fields of a JSON text in a file. @module */
import { listKnown, UserError } from "../core/errors.ts";
import { clip } from "../core/quoted.ts";
import { parseStrictJson } from "../core/strict_json.ts";

/** Most lists and objects within one another: a manifest has 6. */
const MAX_DEPTH = 32;

/** A JSON object. */
export type Fields = Readonly<Record<string, unknown>>;

/** Bounds of a number. */
export interface Bounds {
  /** Smallest value that is allowed. */
  readonly least?: number;
  /** Largest value that is not allowed any more. */
  readonly above?: number;
  /** Largest value that is allowed. */
  readonly most?: number;
}

/** What messages say around a field. */
export interface FieldWords {
  /** What cannot be done. @default {"load model"} */
  readonly action?: string;
  /** Where the field is. @default {"its manifest"} */
  readonly place?: string;
  /** What to do about it. @default {"save the model again"} */
  readonly remedy?: string;
}

/** Checks on single fields; a field that fails is named with what it holds and what was expected. */
export class FieldChecks {
  readonly #name: string;
  readonly #words: Required<FieldWords>;

  /** Checks for one file; `name` is what messages call it. */
  constructor(
    name: string,
    { action = "load model", place = "its manifest", remedy = "save the model again" }: FieldWords =
      {},
  ) {
    this.#name = name;
    this.#words = { action, place, remedy };
  }

  /** An error about the file as a whole. */
  fail(detail: string): UserError {
    return new UserError(`Cannot ${this.#words.action} ${this.#name}: ${detail}`);
  }

  /** An error about one field. */
  expected(path: string, value: unknown, what: string): UserError {
    const found = value === undefined ? "absent" : clip(JSON.stringify(value), 60);
    const { place, remedy } = this.#words;
    return this.fail(`${path} in ${place} is ${found}, expected ${what}; ${remedy}`);
  }

  /** All fields, from their JSON. @param what What messages call the text. */
  parse(text: string, what: string): unknown {
    try {
      return parseStrictJson(text, { depth: MAX_DEPTH });
    } catch (error) {
      const detail = clip((error as Error).message, 60);
      throw this.fail(`${what} not usable JSON (${detail}); ${this.#words.remedy}`);
    }
  }

  /** The field as an object. */
  object(path: string, value: unknown): Fields {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value as Fields;
    }
    throw this.expected(path, value, "an object");
  }

  /** The field as a list. */
  list(path: string, value: unknown): unknown[] {
    if (Array.isArray(value)) return value;
    throw this.expected(path, value, "a list");
  }

  /** The field as text that is not empty. */
  text(path: string, value: unknown): string {
    if (typeof value === "string" && value !== "") return value;
    throw this.expected(path, value, "text");
  }

  /** The field as true or false. */
  flag(path: string, value: unknown): boolean {
    if (typeof value === "boolean") return value;
    throw this.expected(path, value, "true or false");
  }

  /** The field as a whole number of at least `least`, at most `most`. */
  whole(path: string, value: unknown, least: number, most: number = Infinity): number {
    const fits = typeof value === "number" && Number.isSafeInteger(value);
    if (fits && value >= least && value <= most) return value;
    const bound = most === Infinity ? "" : ` to ${most}`;
    throw this.expected(path, value, `a whole number from ${least}${bound}`);
  }

  /** The field as a finite number within bounds. */
  number(path: string, value: unknown, { least, above, most }: Bounds = {}): number {
    const fits = typeof value === "number" && Number.isFinite(value) &&
      (least === undefined || value >= least) && (above === undefined || value > above) &&
      (most === undefined || value <= most);
    if (fits) return value;
    const bounds = [
      above === undefined ? "" : ` above ${above}`,
      least === undefined ? "" : ` from ${least}`,
      most === undefined ? "" : ` to ${most}`,
    ];
    throw this.expected(path, value, `a number${bounds.join("")}`);
  }

  /** The field as one of the known texts. */
  oneOf<T extends string>(path: string, value: unknown, known: readonly T[]): T {
    const match = known.find((item) => item === value);
    if (match !== undefined) return match;
    throw this.expected(path, value, listKnown(known));
  }

  /** The field as a SHA-256 in hex digits. */
  sha256(path: string, value: unknown): string {
    if (typeof value === "string" && /^[0-9a-f]{64}$/.test(value)) return value;
    throw this.expected(path, value, "64 hex digits");
  }
}
