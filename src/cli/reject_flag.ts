/** `--reject` of the verbs that answer for pictures. @module */

import { numberFlag } from "./flags.ts";

/** Share of usual pictures that may be turned away with the strange ones. */
export const REJECT_FLAG = {
  reject: numberFlag(
    "RATE",
    "answer unknown where a picture is like nothing that was learnt from, and with it for this share of those that are; 0.05 is usual",
    { min: 0, aboveMin: true, max: 0.5 },
  ),
};
