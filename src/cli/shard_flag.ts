/** The flag that takes one part of the work. @module */

import { UsageError } from "../core/errors.ts";
import type { Shard } from "../train/feature_shards.ts";
import type { Flag } from "./flags.ts";

/** A flag whose value is a shard, `2/8`; absent unless given. */
export function shardFlag(text: string): Flag<Shard | undefined> {
  return {
    value: "I/N",
    text,
    default: undefined,
    parse: (given, name) => {
      const [number, of] = /^(\d{1,7})\/(\d{1,7})$/.exec(given)?.slice(1).map(Number) ?? [];
      if (number >= 1 && number <= of) return { number, of };
      throw new UsageError(`${name} is ${JSON.stringify(given)}, expected I/N, as in 2/8`);
    },
  };
}
