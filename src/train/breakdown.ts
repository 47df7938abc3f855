/** Training that broke down. @module */
import { UserError } from "../core/errors.ts";

/** Loss or gradient that can no longer be computed with: the learning rate is too high, as a rule. */
export class Breakdown extends UserError {}
