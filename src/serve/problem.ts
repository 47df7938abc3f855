/** Refusals of the server, as problem details (RFC 9457). @module */

/** What can go wrong with a request, by its code in the answer. */
export type ProblemCode =
  | "bad-request"
  | "host-not-allowed"
  | "not-found"
  | "method-not-allowed"
  | "body-too-slow"
  | "body-too-large"
  | "too-many-pictures"
  | "too-many-fields"
  | "unreadable-picture"
  | "busy"
  | "stopping"
  | "failed";

const STATUS: Readonly<Record<ProblemCode, number>> = {
  "bad-request": 400,
  "host-not-allowed": 403,
  "not-found": 404,
  "method-not-allowed": 405,
  "body-too-slow": 408,
  "body-too-large": 413,
  "too-many-pictures": 413,
  "too-many-fields": 413,
  "unreadable-picture": 422,
  busy: 503,
  stopping: 503,
  failed: 500,
};

/** All codes, as the server describes itself. */
export const PROBLEM_CODES: readonly string[] = Object.keys(STATUS);

/**
 * A request that is not answered. The detail never repeats text of the request, so that nothing that a stranger wrote is shown to
 * anybody.
 */
export class Problem extends Error {
  /** What is wrong. */
  readonly code: ProblemCode;
  /** Headers that the answer needs. */
  readonly headers: Readonly<Record<string, string>>;

  /** @param detail What was found, what was expected, what to do. */
  constructor(
    code: ProblemCode,
    detail: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
    this.code = code;
    this.headers = headers;
  }

  /** The HTTP status. */
  get status(): number {
    return STATUS[this.code];
  }

  /** The answer. */
  response(): Response {
    const body = {
      type: "about:blank",
      status: this.status,
      code: this.code,
      detail: this.message,
    };
    return new Response(JSON.stringify(body), {
      status: this.status,
      headers: { "content-type": "application/problem+json", ...this.headers },
    });
  }
}
