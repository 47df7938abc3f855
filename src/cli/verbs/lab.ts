/** `graft lab`: the transfer learning lab, the part that the data belong to. @module */

import { isLabData } from "../../classifier/lab/lab_data.ts";
import { UserError } from "../../core/errors.ts";
import type { ImageDataset } from "../../data/dataset.ts";
import { assignmentLab } from "../assignment_lab.ts";
import { openData } from "../data_flags.ts";
import { fashionLab } from "../fashion_lab.ts";
import { LAB_FLAGS } from "../lab_flags.ts";
import { checkWeights } from "../models.ts";
import { type Context, defineVerb, type Verb } from "../verb.ts";

/** `graft lab <data>`. */
export const labVerb: Verb = defineVerb({
  name: "lab",
  summary:
    "run the transfer learning lab: as written on grey pictures of 28 x 28, beside graft's " +
    "default; on all others its assignment",
  words: "<data>",
  count: [1, 1],
  flags: LAB_FLAGS,
  permissions:
    "--allow-read=<data>,<weights file>; both --allow-read=<out> and --allow-write=<out> for the report; " +
    "--allow-net=<host> for data or weights at an address",
  examples: [
    "graft lab fashion_mnist_train.csv --out lab",
    "graft lab fashion_mnist_train.csv --weights efficientnet_b0.pth --variant torchvision",
    "graft lab cats_dogs.zip --out assignment",
  ],
  async run(context) {
    await checkWeights(context.flags.weights);
    const data = await openLabData(context);
    return await (isLabData(data) ? fashionLab : assignmentLab)(data, context);
  },
});

/**
 * Opens the data. `deno task lab` names those of a folder beside the checkout, which not everybody has.
 *
 * @throws {UserError} Where there are none, with what is wanted and how to run the lab on other data and weights.
 */
async function openLabData(context: Context<typeof LAB_FLAGS>): Promise<ImageDataset> {
  const [source] = context.words;
  try {
    return await openData(source, context);
  } catch (error) {
    if (!(error instanceof UserError && error.cause instanceof Deno.errors.NotFound)) throw error;
    throw new UserError(
      `Cannot read ${source}: there is no such file; the lab wants its own pictures (fashion_mnist_train.csv or ` +
        "cats_dogs.zip of https://remiller1450.github.io/data/) or yours, and weights (imagenet, a download, unless " +
        "--weights names others): deno run --allow-read --allow-net cli.ts lab DATA --weights WEIGHTS",
      { cause: error },
    );
  }
}
