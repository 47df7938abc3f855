/** `graft inspect`: what is in a file, and what may be wrong with data. @module */

import { UsageError } from "../../core/errors.ts";
import { INSPECT_FLAGS, inspectData } from "../inspect_data.ts";
import { holdsTensors } from "../holds_tensors.ts";
import { inspectTensors } from "../inspections.ts";
import { checkReadable } from "../paths.ts";
import { type Context, defineVerb, type Verb } from "../verb.ts";

/** `graft inspect <weights | model | data>`. */
export const inspectVerb: Verb = defineVerb({
  name: "inspect",
  summary:
    "show what is in a checkpoint, a kept model or features, and what may be wrong with data",
  words: "<weights | model | data>",
  count: [1, 1],
  flags: INSPECT_FLAGS,
  permissions:
    "--allow-read=<file>; of data also --allow-read=<weights file>, both --allow-read=<out> and --allow-write=<out> " +
    "for the page, --allow-net=<host> for data or weights at an address",
  examples: [
    "graft inspect clothes.csv",
    "graft inspect pets.zip --weights imagenet --out look",
    "graft inspect clothes.safetensors",
    "graft inspect imagenet",
  ],
  async run(context) {
    const [source] = context.words;
    checkFlags(context.flags);
    await checkReadable(source);
    if (!await holdsTensors(source)) return await inspectData(source, context);
    refuseDataFlags(source, context.flags);
    return await inspectTensors(source, context);
  },
});

type InspectFlags = Context<typeof INSPECT_FLAGS>["flags"];

/** @throws {UsageError} For flags of a network where there is none. */
function checkFlags(flags: InspectFlags): void {
  if (flags.weights !== undefined) return;
  const given = (["variant", "image-size"] as const).filter((name) => flags[name] !== undefined);
  if (given.length > 0) {
    throw new UsageError(`--${given.join(" and --")} needs --weights NAME|PATH|URL`);
  }
}

/** @throws {UsageError} For flags that are about data. */
function refuseDataFlags(source: string, flags: InspectFlags): void {
  const names = Object.keys(INSPECT_FLAGS) as (keyof typeof INSPECT_FLAGS)[];
  const given = names.filter((name) => flags[name] !== INSPECT_FLAGS[name].default);
  if (given.length === 0) return;
  throw new UsageError(
    `--${given.join(" and --")} belongs to data, but ${source} holds tensors; leave it out`,
  );
}
