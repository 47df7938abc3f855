/**
 * The command line: `deno run jsr:@graft/vision/cli --help`.
 *
 * @module
 */

import { main } from "./src/cli/main.ts";

if (import.meta.main) Deno.exitCode = await main(Deno.args);
