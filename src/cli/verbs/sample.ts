/** `graft sample`: a drawn data set, for a first try without a network. @module */

import { count } from "../../core/count.ts";
import { writeAtomically } from "../../core/atomic_write.ts";
import { SAMPLE_CLASSES, sampleCsv } from "../../data/sample.ts";
import { breathe } from "../../train/breathe.ts";
import { numberFlag, textFlag } from "../flags.ts";
import { checkWritable, writtenPath } from "../paths.ts";
import { defineVerb, type Verb } from "../verb.ts";

/** Pictures drawn between two looks at Ctrl-C and the display: about 50 ms. */
const BLOCK = 100;

/** `graft sample --out sample.csv`. */
export const sampleVerb: Verb = defineVerb({
  name: "sample",
  summary: "draw ten kinds of clothes as a CSV of 28 x 28 pixels",
  words: "",
  count: [0, 0],
  flags: {
    out: textFlag("PATH", "where to write the CSV; a file there is replaced", "sample.csv"),
    rows: numberFlag("N", "number of pictures", { min: 1, max: 1_000_000, whole: true }, 1000),
    "random-state": numberFlag("SEED", "seed of the drawing", {
      min: 0,
      max: 2 ** 32 - 1,
      whole: true,
    }, 5),
  },
  permissions: "--allow-read=<folder of out> --allow-write=<folder of out>",
  examples: ["graft sample --out sample.csv", "graft sample --rows 5000 --random-state 7"],
  async run({ flags: { out, rows, "random-state": randomState }, signal, onProgress, note }) {
    const replaced = await checkWritable(out, note);
    const parts: string[] = [];
    for (const part of sampleCsv({ rows, randomState })) {
      parts.push(part);
      if (parts.length % BLOCK === 0) {
        onProgress?.({ stage: "drawing", done: parts.length - 1, total: rows, unit: "images" });
        await breathe(signal);
      }
    }
    const bytes = await new Blob(parts).bytes();
    await writeAtomically(out, bytes);
    const megabytes = (bytes.length / 1e6).toFixed(1);
    return {
      text: `${writtenPath(out, replaced)}: ${
        count(rows, "picture")
      } of ${SAMPLE_CLASSES.length} classes (${SAMPLE_CLASSES.join(", ")}), ${megabytes} MB`,
      json: {
        out,
        replaced,
        rows,
        randomState,
        classes: SAMPLE_CLASSES,
        bytes: bytes.length,
      },
    };
  },
});
