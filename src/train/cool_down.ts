/** How a run stops early. @module */

/** The end of a run that stops early. */
export interface CoolDown {
  /** Last step before it. */
  readonly after: number;
  /** Its steps. */
  readonly steps: number;
  /** Its last epoch. */
  readonly lastEpoch: number;
}
