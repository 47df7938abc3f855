// Code in pages that is a part of a program, and so does not run by itself: its names and types are those of the module.
import assert from "node:assert/strict";
import * as graft from "../../mod.ts";

const ROOT = new URL("../../", import.meta.url);
/** What stands around such code. */
const AROUND = [
  "declare const model: Classifier;",
  "declare const train: ImageDataset;",
  "declare const test: ImageDataset;",
];
/** What a package is called, and what it is in a checkout. */
const MODULES = {
  "jsr:@graft/vision/backend": "src/backend/mod.ts",
  "jsr:@graft/vision/predict": "src/classifier/predict.ts",
  "jsr:@graft/vision/serve": "src/serve/mod.ts",
  "@graft/vision/serve": "src/serve/mod.ts",
};

Deno.test("parts of programs in the pages are right by their names and types", async () => {
  const folder = await Deno.makeTempDir({ dir: ROOT.pathname, prefix: ".examples_" });
  try {
    const paths: string[] = [];
    for (const page of ["README.md", "docs/sandboxes.md"]) {
      const text = await Deno.readTextFile(new URL(page, ROOT));
      for (const [, code] of text.matchAll(/^```ts ignore\n(.*?)^```$/gms)) {
        if (code.includes(".wasm")) continue; // a worker's, which tests/sandboxes/workerd_test.ts runs
        const path = `${folder}/example_${paths.length}.ts`;
        await Deno.writeTextFile(path, program(code));
        paths.push(path);
      }
    }
    assert.ok(paths.length >= 5, `${paths.length} parts of programs`);
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", ...paths],
      cwd: ROOT,
      env: { NO_COLOR: "1" },
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** The code as a module: its imports, those of what it names without them, and the rest in a block of its own. */
function program(code: string): string {
  let text = code.replace("npm:@tensorflow/tfjs@", "npm:@tensorflow/tfjs-core@");
  for (const [name, path] of Object.entries(MODULES)) {
    text = text.replaceAll(`"${name}"`, `"../${path}"`);
  }
  const lines = text.split("\n");
  const own = lines.filter((line) => line.startsWith("import "));
  const body = lines.filter((line) => !line.startsWith("import ")).join("\n");
  const named = Object.keys(graft).filter((name) =>
    new RegExp(`\\b${name}\\b`).test(body) && !own.join().includes(name)
  );
  const names = [...named, ...["Classifier", "ImageDataset"].map((name) => `type ${name}`)];
  return [
    `import { ${names.join(", ")} } from "../mod.ts";`,
    ...own,
    ...AROUND,
    `{ ${body.replace("export default ", "")} }`,
  ].join("\n");
}
