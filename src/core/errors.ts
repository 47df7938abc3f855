/** Errors that a user can act on. @module */

/**
 * What a user did wrong, or what was wrong with their file: one line, no stack trace needed.
 *
 * The message reads: action, colon, what was found, what was expected, what to do. The CLI prints it
 * and exits with 1.
 */
export class UserError extends Error {
  /** Always `"UserError"`. */
  override readonly name = "UserError";
}

/** A command line that cannot be understood; the CLI prints it and exits with 2. */
export class UsageError extends Error {
  /** Always `"UsageError"`. */
  override readonly name = "UsageError";
}

/** `"a", "b" or "c"`, for messages that list what is known. */
export function listKnown(names: Iterable<string>): string {
  const quoted = [...names].map((name) => JSON.stringify(name));
  if (quoted.length < 2) return quoted.join("");
  return `${quoted.slice(0, -1).join(", ")} or ${quoted[quoted.length - 1]}`;
}
