/** A first prediction by the entry that only answers. */
import { firstAnswer } from "./first_answer.ts";

await firstAnswer(() => import("../../../src/classifier/predict.ts"));
