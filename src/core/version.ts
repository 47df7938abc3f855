/** The version of graft. @module */

/** As in `deno.json` (a test compares them); saved models carry it. */
export const VERSION = "0.1.0";
