import assert from "node:assert/strict";

const ROOT = new URL("../../", import.meta.url);

/** Runs `graft <command>` by a shell, its stdout sent elsewhere. */
async function shell(command: string): Promise<{ code: number; stderr: string }> {
  const { code, stderr } = await new Deno.Command("bash", {
    args: ["-c", `set -o pipefail; "$DENO" run --quiet --no-prompt cli.ts ${command}`],
    cwd: ROOT,
    env: { NO_COLOR: "1", DENO: Deno.execPath() },
    stdin: "null",
    stdout: "null",
  }).output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

Deno.test({
  name:
    "a result that stdout does not take is an error on one line; a reader that has gone is none",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const line = /^graft: Cannot write the result to stdout: No space left on device[^\n]*\n$/;
    for (const command of ["weights", "--help", "train --help"]) {
      const { code, stderr } = await shell(`${command} > /dev/full`);
      assert.equal(code, 1);
      assert.match(stderr, line, command);
    }
    assert.deepEqual(await shell("weights | head -1"), { code: 0, stderr: "" });
    // What cannot be told does not change how it ends.
    for (const command of ["no-verb", "no-verb --json"]) {
      assert.equal((await shell(`${command} 2> /dev/full`)).code, 2, command);
    }
  },
});
