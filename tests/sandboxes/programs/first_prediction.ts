/** A first prediction by the entry that has everything. */
import { firstAnswer } from "./first_answer.ts";

await firstAnswer(() => import("../../../mod.ts"));
