import assert from "node:assert/strict";
import process from "node:process";
import { readTensorFile } from "../../src/weights/tensor_file.ts";
import { type Attack, PTH_ATTACKS } from "./attacks.ts";
import { assertUserError } from "./fixtures.ts";

/** CPU time of all threads, garbage collection included: most are over in some milliseconds. */
const MAX_MS = 1000;

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function withstand({ make, refused }: Attack): Promise<void> {
  const bytes = make();
  const begin = cpuMs();
  if (refused === undefined) await readTensorFile(bytes, "x.pth");
  else await assertUserError(() => readTensorFile(bytes, "x.pth"), refused);
  const ms = cpuMs() - begin;
  assert.ok(ms < MAX_MS, `it took ${ms} ms`);
}

for (const attack of PTH_ATTACKS) {
  Deno.test(`a .pth file with ${attack.name} does no harm`, () => withstand(attack));
}
