/** Programs as one script, for places that know no TypeScript. @module */

import { ROOT } from "./runs.ts";

/** Options of {@linkcode bundle}. */
export interface BundleOptions {
  /** What the script becomes: a module, or a function that runs at once. */
  readonly format: "esm" | "iife";
  /** Files that stay imports, as patterns. @default none */
  readonly external?: readonly string[];
}

/**
 * Bundles a program by `deno bundle`, whose bundler comes from the npm registry.
 *
 * @param program Its path.
 * @returns Whether it worked; if not, it was said loudly why.
 */
export async function bundle(
  program: string,
  out: string,
  { format, external = [] }: BundleOptions,
): Promise<boolean> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["bundle", "--platform", "browser", "--no-check", "--no-lock", "--format", format],
      ...external.flatMap((pattern) => ["--external", pattern]),
      ...["-o", out, program],
    ],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  if (!success) {
    const why = new TextDecoder().decode(stderr).trim();
    if (!/registry|fetch|network|connect|dns/i.test(why)) throw new Error(why);
    console.error(`%cskipped: deno bundle could not get its bundler: ${why}`, "color: yellow");
  }
  return success;
}
