/** `graft lab`: the transfer learning lab, the part that the data belong to. @module */

import { isLabData } from "../../classifier/lab/lab_data.ts";
import { assignmentLab } from "../assignment_lab.ts";
import { openData } from "../data_flags.ts";
import { fashionLab } from "../fashion_lab.ts";
import { LAB_FLAGS } from "../lab_flags.ts";
import { checkWeights } from "../models.ts";
import { defineVerb, type Verb } from "../verb.ts";

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
    "--allow-read=<data>,<weights file>; --allow-write=<out> for the report, and --allow-read=<out> to replace an " +
    "older one; --allow-net=<host> for data or weights at an address",
  examples: [
    "graft lab fashion_mnist_train.csv --out lab",
    "graft lab fashion_mnist_train.csv --weights efficientnet_b0.pth --variant torchvision",
    "graft lab cats_dogs.zip --out assignment",
  ],
  async run(context) {
    await checkWeights(context.flags.weights);
    const data = await openData(context.words[0], context);
    return await (isLabData(data) ? fashionLab : assignmentLab)(data, context);
  },
});
