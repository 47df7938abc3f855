/** The embedded binaries are what their sources make. */
import assert from "node:assert/strict";

/** How Deno says that a package is neither in its cache nor to be had. */
const NO_REGISTRY =
  /error sending request|dns error|client error|Could not find npm package|failed to download|Failed loading https?:\/\/registry|--cached-only/i;

Deno.test("building the wasm again gives the committed bytes", async () => {
  const root = new URL("../../", import.meta.url);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    // --no-lock: the compiler is no dependency of the project and stays out of its lock file.
    args: [
      "run",
      "-A",
      "--no-lock",
      "--unstable-raw-imports",
      "src/backend/_wasm/build.ts",
      "--check",
    ],
    cwd: root,
    env: { NO_COLOR: "1" },
  }).output();
  const [out, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  if (code !== 0 && NO_REGISTRY.test(errors)) {
    console.warn(
      `SKIPPED: the npm registry cannot be reached, so wasm is not built again: ${errors}`,
    );
    return;
  }
  assert.equal(code, 0, errors);
  assert.equal(out.trim().split("\n").length, 6, out);
});
