/**
 * Writes docs/cli.md, the command line's own `--help` as a page: `deno run --allow-write=docs docs/make_cli.ts`. A test compares.
 *
 * @module
 */
import { overview, verbHelp } from "../src/cli/help.ts";
import { allVerbs } from "../src/cli/verbs.ts";

/** The page. */
export async function cliPage(): Promise<string> {
  const verbs = await allVerbs();
  const block = (text: string) => ["```text", text, "```"].join("\n");
  return [
    "# The command line",
    "Made by `docs/make_cli.ts` from the tables that the command line is parsed by.",
    block(overview(verbs)),
    ...verbs.map((verb) => `## graft ${verb.name}\n\n${block(verbHelp(verb))}`),
    "",
  ].join("\n\n").trimEnd() + "\n";
}

if (import.meta.main) await Deno.writeTextFile(new URL("cli.md", import.meta.url), await cliPage());
