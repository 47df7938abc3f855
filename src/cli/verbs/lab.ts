/** `graft lab`: the transfer learning lab as written, beside what graft does by default. @module */

import { backend, startBackend } from "../../backend/mod.ts";
import { runDefault } from "../../classifier/lab/compare.ts";
import { prepareLabData } from "../../classifier/lab/lab_data.ts";
import { runLab } from "../../classifier/lab/run_lab.ts";
import { resolveWeights } from "../../classifier/resolve_weights.ts";
import { DATA_FLAGS, openData } from "../data_flags.ts";
import { choiceFlag, numberFlag, textFlag } from "../flags.ts";
import { LAB_FILES, labFiles, labJson, labText } from "../lab_result.ts";
import { MODEL_FLAGS } from "../model_flags.ts";
import { checkWeights } from "../models.ts";
import { openReportFolder } from "../report_folder.ts";
import { datasetLine, reportBackend } from "../reports.ts";
import { defineVerb, type Verb } from "../verb.ts";

/** `graft lab <data>`. */
export const labVerb: Verb = defineVerb({
  name: "lab",
  summary: "run the transfer learning lab as written, beside graft's default on the same pictures",
  words: "<data>",
  count: [1, 1],
  flags: {
    weights: MODEL_FLAGS.weights,
    variant: choiceFlag(
      ["torchvision", "google"],
      "whose arithmetic the lab's network has; the lab's own is torchvision's (default: that of the checkpoint's family)",
    ),
    label: DATA_FLAGS.label,
    epochs: numberFlag("N", "passes over the pictures in each of the two phases", {
      min: 1,
      whole: true,
    }, 100),
    seed: numberFlag("SEED", "seed of the new layer and of the blocks skipped by chance", {
      min: 0,
      max: 2 ** 32 - 1,
      whole: true,
    }, 7),
    out: textFlag("FOLDER", "where to write the report: a page, and the cost curves as SVG"),
  },
  permissions:
    "--allow-read=<data>,<weights file>; --allow-write=<out> for the report, and --allow-read=<out> to replace an " +
    "older one; --allow-net=<host> for data or weights at an address",
  examples: [
    "graft lab fashion_mnist_train.csv --out lab",
    "graft lab fashion_mnist_train.csv --weights efficientnet_b0.pth --variant torchvision",
  ],
  async run(context) {
    const { words: [source], flags, signal, onProgress, note, detail } = context;
    const { weights: name, variant, label, epochs, seed, threads, out } = flags;
    await checkWeights(name);
    await using folder = out === undefined
      ? undefined
      : await openReportFolder(out, LAB_FILES, [source, name]);
    const data = await openData(source, { flags: { label }, note, signal, onProgress });
    prepareLabData(data); // what does not fit is told before weights are loaded
    detail(datasetLine(data));
    const weights = await resolveWeights(name, { assumedVariant: variant, signal, onProgress });
    const { variant: family, sha256 } = weights;
    if (variant !== undefined && variant !== family) {
      note(
        `the weights are of the ${family} family; the lab computes with them as ${variant} does, graft's default as they were trained`,
      );
    }
    await startBackend({ threads });
    reportBackend(backend(), context);
    weights.notes.forEach(note);

    const labWeights = { ...weights, variant: variant ?? family };
    const lab = await runLab(data, labWeights, { epochs, seed, signal, onProgress });
    const graft = await runDefault(data, weights, { signal, onProgress });
    const result = {
      source,
      lab,
      graft,
      weights: { source: weights.source, sha256, variant: family },
    };

    const written: string[] = [];
    if (folder !== undefined) {
      const files = labFiles(result);
      for (const file of LAB_FILES) written.push(await folder.write(file, files[file]));
    }
    return {
      text: [
        labText(result),
        ...written.length === 0 ? [] : ["", `written: ${written.join(", ")}`],
      ].join("\n"),
      json: { ...labJson(result), backend: backend(), out: written },
    };
  },
});
