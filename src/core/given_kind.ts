/** What a value is, in words, for programs without types. @module */

/**
 * `"a string"`, `"nothing (null)"`, `"a Uint8Array"`.
 *
 * @example
 * ```ts
 * import { givenKind } from "./given_kind.ts";
 * if (givenKind(undefined) !== "nothing (undefined)") throw new Error();
 * if (givenKind(new Float32Array(1)) !== "a Float32Array") throw new Error();
 * ```
 */
export function givenKind(value: unknown): string {
  if (value === undefined || value === null) return `nothing (${value})`;
  if (typeof value === "function") return "a function";
  if (typeof value !== "object") return `a ${typeof value}`;
  if (Array.isArray(value)) return "a list";
  const name = value.constructor?.name;
  if (!name || name === "Object") return "an object";
  return `${/^[AEIOU](?!int|RL)/.test(name) ? "an" : "a"} ${name}`;
}

/** What to write where a value came without being waited for; nothing to add to a message otherwise. */
export function awaitAdvice(value: unknown): string | undefined {
  const thenable = typeof (value as { then?: unknown } | null)?.then === "function";
  return thenable ? "it is not there yet: await it" : undefined;
}
