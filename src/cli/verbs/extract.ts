/** `graft extract`: the trunk's features of each picture, for use elsewhere. @module */

import { count } from "../../core/count.ts";
import { backend } from "../../backend/mod.ts";
import type { Classifier } from "../../classifier/classifier.ts";
import type { FeatureRecipe } from "../../classifier/options.ts";
import type { ImageDataset } from "../../data/dataset.ts";
import { type FeatureKey, writeFeatures } from "../../train/feature_cache.ts";
import {
  hashedRows,
  isShard,
  SHARD,
  type Shard,
  type ShardManifest,
  shardPath,
  shardRows,
} from "../../train/feature_shards.ts";
import { featureBatches, featureKey } from "../../train/features.ts";
import { DATA_FLAGS, openData } from "../data_flags.ts";
import { textFlag } from "../flags.ts";
import { MODEL_FLAGS } from "../model_flags.ts";
import { createModel } from "../models.ts";
import { checkWritable, writtenPath } from "../paths.ts";
import { shardFlag } from "../shard_flag.ts";
import { defineVerb, type Verb } from "../verb.ts";

/** `graft extract <data> --out features.safetensors`. */
export const extractVerb: Verb = defineVerb({
  name: "extract",
  summary: "write the features of each picture to a safetensors file",
  words: "<data>",
  count: [1, 1],
  flags: {
    ...MODEL_FLAGS,
    ...DATA_FLAGS,
    out: textFlag("PATH", "where to write them; a file there is replaced", "features.safetensors"),
    shard: shardFlag(
      "one of N parts of the data, written beside --out; made already, it is left as it is",
    ),
  },
  permissions: "--allow-read=<data>,<weights file>,<folder of out> --allow-write=<folder of out>",
  examples: [
    "graft extract clothes.csv --out features.safetensors",
    "graft train clothes.csv --features features.safetensors",
    "graft extract pictures/ --shard 2/8 --out features.safetensors # features.2-of-8.safetensors",
    "graft merge features.*-of-8.safetensors --out features.safetensors",
  ],
  async run(context) {
    const { words: [source], flags, signal, onProgress, note } = context;
    const { shard } = flags;
    const out = shard ? shardPath(flags.out, shard) : flags.out;
    const replaced = await checkWritable(out, note, [source, flags.weights]);
    const data = await openData(source, context, {
      withoutLabels: true,
      noteLabels: true,
    });
    using model = await createModel(context);
    const recipe = model.recipeFor(data);
    const columns = model.trunk.featureSize(recipe.stages);
    const write = async (rows: ImageDataset, key: FeatureKey, manifest?: ShardManifest) => {
      // Written as they come: 60,000 rows of the default features are 400 MB.
      const pieces = featureBatches(model.trunk, rows, { ...recipe, onProgress, signal });
      await writeFeatures(out, { rows: rows.length, columns, pieces }, key, {
        known: data.hasLabels ? { labels: rows.labels, classes: data.classes } : undefined,
        metadata: manifest && { [SHARD]: JSON.stringify(manifest) },
      });
    };
    const told = (rows: number, key: FeatureKey, there = false) => ({
      text: `${writtenPath(out, replaced && !there)}: ${
        count(rows, "picture")
      } x ${columns} features (stages ${recipe.stages.join(",")} at ${recipe.size} px)${
        there ? ", there already" : ""
      }`,
      json: {
        ...{
          out,
          replaced: replaced && !there,
          rows,
          columns,
          ...key,
          classes: data.classes,
          backend: backend(),
        },
        ...shard && { shard, there },
      },
    });
    if (shard === undefined) {
      const key = await featureKey(model.trunk, data, recipe);
      await write(data, key);
      return told(data.length, key);
    }
    const { part, key, manifest } = await describeShard(model, data, { recipe, shard });
    if (part.length === 0) {
      note(
        `shard ${shard.number} of ${shard.of} has no pictures: there are ${
          count(data.length, "picture")
        }, fewer than shards; go on, graft merge takes the empty ones, too`,
      );
    }
    const there = await isShard(out, manifest, key);
    if (!there) await write(part, key, manifest);
    return told(part.length, key, there);
  },
});

/** A shard's pictures and what its file says of them. */
async function describeShard(
  { trunk }: Classifier,
  data: ImageDataset,
  { recipe, shard }: { readonly recipe: FeatureRecipe; readonly shard: Shard },
): Promise<{ part: ImageDataset; key: FeatureKey; manifest: ShardManifest }> {
  const rowsOf = ([start, end]: [start: number, end: number]) =>
    data.subset(Int32Array.from({ length: end - start }, (_, i) => start + i));
  const part = rowsOf(shardRows(data.length, shard));
  const blocks = await rowsOf(hashedRows(data.length, shard)).hashBlocks();
  return {
    part,
    key: await featureKey(trunk, part, recipe),
    manifest: { ...shard, rows: data.length, blocks },
  };
}
