/** Flags whose value is a time. @module */

import { UsageError } from "../core/errors.ts";
import type { Flag } from "./flags.ts";

const SECONDS: Readonly<Record<string, number>> = { "": 1, s: 1, m: 60, min: 60, h: 3600 };

/**
 * A flag whose value is a time, in seconds: `90s`, `5m`, `1.5h`; a number alone is seconds.
 *
 * @example
 * ```ts
 * import { durationFlag } from "./duration_flag.ts";
 * const { parse } = durationFlag("how long", "1m");
 * const seconds = ["90s", "5m", "1.5h", "7"].map((text) => parse(text, "--budget"));
 * if (seconds.join() !== "90,300,5400,7") throw new Error(seconds.join());
 * ```
 */
export function durationFlag(text: string, shownDefault: string): Flag<number | undefined> {
  const parse = (given: string, name: string) => {
    const { number, unit } = /^(?<number>\d+(?:\.\d+)?) ?(?<unit>s|m|min|h|)$/.exec(given.trim())
      ?.groups ?? {};
    if (number !== undefined) return Number(number) * SECONDS[unit];
    throw new UsageError(
      `${name} is ${JSON.stringify(given)}, expected a time such as 90s, 5m or 1h`,
    );
  };
  return { value: "TIME", text, default: undefined, shownDefault, parse };
}
