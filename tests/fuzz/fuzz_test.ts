// Twenty seconds of hostile input to every reader; `deno task fuzz` runs longer.
import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import { Dice } from "./dice.ts";
import { checkMessage, orRefused } from "./target.ts";
import { TARGETS } from "./targets.ts";

const SECONDS = 20;

/** Runs the program to its end. */
async function fuzz(...args: readonly string[]) {
  const main = new URL("./main.ts", import.meta.url).pathname;
  const lock = new URL("../deno.lock", import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", `--lock=${lock}`, "-A", "--no-check", "--quiet", main, ...args],
    env: { NO_COLOR: "1" },
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, out, err };
}

Deno.test(`${SECONDS} s of hostile input to every reader: refusals, and nothing else`, async () => {
  const { code, out, err } = await fuzz("--seconds", String(SECONDS), "--seed", "14");
  assert.equal(code, 0, `${err}\n${out}`);
  for (const target of Object.keys(TARGETS)) {
    const cells = out.split("\n").find((line) => line.startsWith(`| ${target} `))?.split("|");
    assert.ok(cells !== undefined, `no row for ${target}: ${out}`);
    assert.ok(Number(cells[2].replaceAll(",", "")) > 0, `no cases of ${target}: ${out}`);
  }
});

Deno.test("a seed and a number give the same case again, others another one", async () => {
  for (const name of ["jpeg", "png", "pth-zip", "pth-legacy", "safetensors"]) {
    const target = await TARGETS[name]();
    const make = (seed: number, index: number) => target.make(new Dice(seed, name, index));
    assert.deepEqual(await make(1, 7), await make(1, 7), name);
    assert.notDeepEqual(await make(1, 7), await make(1, 8), name);
    assert.notDeepEqual(await make(1, 7), await make(2, 7), name);
  }
});

Deno.test("a target that throws, or leaves a rejection or tensors behind, fails with its command", async () => {
  const { code, out, err } = await fuzz("--seconds", "5", "--seed", "3", "--only", "faulty");
  assert.equal(code, 1, out);
  assert.match(err, /FAILED faulty: TypeError: not a refusal \(tests\/fuzz\/targets\/faulty\.ts/);
  assert.match(err, /FAILED faulty: nobody catches.*: Error: a stray/);
  assert.match(err, /FAILED faulty: no case up to this one is accepted/);
  const command = /not a refusal.*\n {2}deno task fuzz (--only faulty --seed 3 --case \d+)/.exec(
    err,
  );
  assert.ok(command !== null, err);
  const again = await fuzz(...command[1].split(" "));
  assert.equal(again.code, 1);
  assert.match(again.err, /TypeError: not a refusal/);
  const few = await fuzz("--cases", "8", "--seed", "1", "--only", "faulty");
  assert.match(few.err, /leave \d+ tensors behind/);
});

Deno.test("only a UserError of one line is a refusal", async () => {
  assert.equal(await orRefused(() => 1), 1);
  const refuse = (error: unknown) => orRefused(() => Promise.reject(error));
  assert.equal(await refuse(new UserError("Cannot read it: it is empty")), undefined);
  await assert.rejects(refuse(new TypeError("x")), /x/);
  await assert.rejects(refuse(new UserError("Cannot read it:\nit is empty")), /character 10/);
  assert.throws(() => checkMessage("x".repeat(5000)), /5000 characters/);
});
