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
    assert.ok("holder" in refused && !refused.isThisProcess);
    assert.match(refused.holder, new RegExp(`^process ${other.pid} \\(since 20\\d\\d-`));
    other.kill("SIGKILL");
    await other.status;
    await output.cancel();
    await other.stdin.close().catch(() => {});
    assert.match(await Deno.readTextFile(path), /^process/, "a kill leaves the file");

    const held = await holdFile(path);
    assert.ok(!("holder" in held));
    assert.match(await Deno.readTextFile(path), new RegExp(`^process ${Deno.pid} `));
    for (const spelling of [path, `${folder}/./training.lock`]) {
      const second = await holdFile(spelling);
      assert.ok("holder" in second && second.isThisProcess, "calls do not nest");
      assert.match(second.holder, new RegExp(`^process ${Deno.pid} `));
    }
    assert.ok((await Deno.stat(path)).isFile, "the first one still holds it");
    await held[Symbol.asyncDispose]();
    assert.deepEqual([...Deno.readDirSync(folder)], []);

    const [one, two] = await Promise.all([holdFile(path), holdFile(path)]); // at the same moment
    const [taken, left] = "holder" in one ? [two, one] : [one, two];
    assert.ok(!("holder" in taken) && "holder" in left && left.isThisProcess);
    await taken[Symbol.asyncDispose]();
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
