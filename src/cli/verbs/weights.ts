/** `graft weights`: which checkpoints there are, and getting one. @module */

import { listKnown, UsageError, UserError } from "../../core/errors.ts";
import { CHECKPOINTS, findCheckpoint } from "../../weights/checkpoints.ts";
import { loadWeights } from "../../weights/load.ts";
import { wrap } from "../help.ts";
import type { Page } from "../page.ts";
import { tableLines } from "../table.ts";
import { type Context, defineVerb, type Result, type Verb } from "../verb.ts";

/** `graft weights [list | fetch NAME]`. */
export const weightsVerb: Verb = defineVerb({
  name: "weights",
  summary: "list the known checkpoints, or download one into the cache",
  words: "[list | fetch NAME]",
  count: [0, 2],
  flags: {},
  permissions: "none to list or to read the cache; --allow-net=<host> to download",
  examples: ["graft weights", "graft weights fetch imagenet"],
  async run(context) {
    const [action = "list", name, ...more] = context.words;
    if (action === "list" && name === undefined) return list(context.page);
    if (action === "fetch" && name !== undefined && more.length === 0) {
      return await fetchWeights(name, context);
    }
    if (action === "fetch" && name === undefined) {
      const names = CHECKPOINTS.filter(({ urls }) => urls.length > 0).map(({ name }) => name);
      throw new UsageError(`weights fetch needs NAME: ${listKnown(names)}`);
    }
    throw new UsageError(`weights knows list and fetch NAME, got ${context.words.join(" ")}`);
  },
});

/** What `--weights random` is: no checkpoint, but a name that can be given all the same. */
const RANDOM = {
  name: "random",
  variant: "torchvision",
  description: "random numbers, for tests: nothing has been learnt",
} as const;

function list(page: Page): Result {
  const rows = CHECKPOINTS.map(({ name, variant, size, licence, urls, embedded }) => [
    name,
    variant,
    `${(size / 1e6).toFixed(1)} MB`,
    embedded ? "inside graft" : urls.length === 0 ? "by path only" : "download",
    licence,
  ]);
  const header = ["name", "family", "size", "from", "licence"];
  const random = [RANDOM.name, RANDOM.variant, "", "made here", ""];
  return {
    text: [
      ...tableLines(header, [...rows, random], { page }),
      "",
      ...[...CHECKPOINTS, RANDOM].flatMap(({ name, description }) =>
        wrap(`${name}: ${description}`, 2).map((line, i) => i === 0 ? line.trimStart() : line)
      ),
    ].join("\n"),
    json: { weights: [...CHECKPOINTS, RANDOM] },
  };
}

async function fetchWeights(
  name: string,
  { signal, onProgress, note, detail }: Context<Record<never, never>>,
): Promise<Result> {
  const known = findCheckpoint(name);
  if (known === undefined) {
    throw new UserError(
      `Cannot fetch weights "${name}": the name is unknown; known are ${
        listKnown(CHECKPOINTS.map((checkpoint) => checkpoint.name))
      }`,
    );
  }
  const { sha256, variant, notes, details } = await loadWeights(known.name, { signal, onProgress });
  notes.forEach(note);
  details?.forEach(detail);
  const megabytes = (known.size / 1e6).toFixed(1);
  return {
    text: `${known.name}: ${megabytes} MB, SHA-256 ${sha256}, checked; use --weights ${known.name}`,
    json: { name: known.name, sha256, size: known.size, variant },
  };
}
