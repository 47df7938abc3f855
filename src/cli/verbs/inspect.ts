/** `graft inspect`: what is in a file. @module */

import { DATA_FLAGS, openData } from "../data_flags.ts";
import { holdsTensors, inspectData, inspectTensors } from "../inspections.ts";
import { checkReadable } from "../paths.ts";
import { defineVerb, type Verb } from "../verb.ts";

/** `graft inspect <weights | model | data>`. */
export const inspectVerb: Verb = defineVerb({
  name: "inspect",
  summary: "show what is in a checkpoint, a kept model, features or data",
  words: "<weights | model | data>",
  count: [1, 1],
  flags: DATA_FLAGS,
  permissions: "--allow-read=<file>",
  examples: [
    "graft inspect clothes.csv",
    "graft inspect clothes.safetensors",
    "graft inspect imagenet",
  ],
  async run(context) {
    const [source] = context.words;
    await checkReadable(source);
    if (await holdsTensors(source)) return await inspectTensors(source, context);
    return inspectData(await openData(source, context, false));
  },
});
