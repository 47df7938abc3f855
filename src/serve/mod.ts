/**
 * A trained classifier behind HTTP: one `fetch` handler for `Deno.serve`, `deno serve`, edge functions and workers.
 *
 * ```ts ignore
 * import { createHandler } from "@graft/vision/serve";
 *
 * export default await createHandler("clothes.safetensors"); // deno serve -R main.ts
 * ```
 *
 * @module
 */

export { giveModules, type WasmName } from "../core/given_modules.ts";
export type { LimitOptions } from "./limits.ts";
export { createHandler, type Handler, type HandlerOptions, type RequestLog } from "./handler.ts";
export { Classifier } from "../classifier/classifier.ts";
