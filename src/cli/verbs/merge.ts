/** `graft merge`: the shards of `graft extract --shard` as one file. @module */

import { count } from "../../core/count.ts";
import { classesText, metadataValues, writeFeatureFile } from "../../train/feature_cache.ts";
import { openShards } from "../../train/feature_shards.ts";
import { UsageError } from "../../core/errors.ts";
import { textFlag } from "../flags.ts";
import { checkReadable, checkWritable } from "../paths.ts";
import { defineVerb, type Verb } from "../verb.ts";

/** `graft merge <shards...> --out features.safetensors`. */
export const mergeVerb: Verb = defineVerb({
  name: "merge",
  summary: "join the shards of extract --shard into one file of features",
  words: "<shards...>",
  count: [1, Infinity],
  flags: { out: textFlag("PATH", "where to write the features") },
  permissions: "--allow-read=<shards>,<folder of out> --allow-write=<folder of out>",
  examples: ["graft merge features.*-of-8.safetensors --out features.safetensors"],
  async run({ words, flags: { out }, note }) {
    if (out === undefined) throw new UsageError("merge needs --out PATH");
    for (const path of words) await checkReadable(path);
    await checkWritable(out, note, words);
    using shards = await openShards(words);
    const { rows, columns, key, classes } = shards;
    await writeFeatureFile(out, {
      rows,
      columns,
      metadata: { ...key, ...classes && classesText(classes) },
      hasLabels: classes !== undefined,
      read: shards.tensor,
    });
    return {
      text: `${out}: ${count(rows, "picture")} x ${columns} features from ${
        count(words.length, "shard")
      }`,
      json: {
        ...{ out, rows, columns, shards: words.length },
        ...metadataValues(key),
        classes: classes ?? [],
      },
    };
  },
});
