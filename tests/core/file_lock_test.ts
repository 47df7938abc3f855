import assert from "node:assert/strict";
import { holdFile } from "../../src/core/file_lock.ts";

Deno.test("a file that another process holds names it; one that a killed process left is taken over", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/training.lock`;
    const source = new URL("../../src/core/file_lock.ts", import.meta.url).href;
    const other = new Deno.Command(Deno.execPath(), {
      args: [
        "eval",
        "--no-lock",
        `import { holdFile } from ${JSON.stringify(source)};
        await holdFile(${JSON.stringify(path)});
        console.log("held");
        for await (const _ of Deno.stdin.readable);`,
      ],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const output = other.stdout.getReader();
    await output.read();
    const refused = await holdFile(path);
    assert.ok("holder" in refused);
    assert.match(refused.holder, new RegExp(`^process ${other.pid} \\(since 20\\d\\d-`));
    other.kill("SIGKILL");
    await other.status;
    await output.cancel();
    await other.stdin.close().catch(() => {});
    assert.match(await Deno.readTextFile(path), /^process/, "a kill leaves the file");

    const held = await holdFile(path);
    assert.ok(!("holder" in held));
    assert.match(await Deno.readTextFile(path), new RegExp(`^process ${Deno.pid} `));
    const nested = await holdFile(path);
    assert.ok(!("holder" in nested));
    await nested[Symbol.asyncDispose]();
    assert.ok((await Deno.stat(path)).isFile, "the outer one still holds it");
    await held[Symbol.asyncDispose]();
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
