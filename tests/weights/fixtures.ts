/** The checkpoints of tests/fixtures/make_weights.py, and helpers to compare with them. @module */

import assert from "node:assert/strict";
import type { HostTensor } from "../../src/core/host_tensor.ts";
import { UserError } from "../../src/core/errors.ts";

interface Described {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Floats as the bits of big-endian doubles, integers in decimal. */
  readonly values: readonly string[];
}

const fixtures = JSON.parse(
  Deno.readTextFileSync(new URL("../fixtures/weights.json", import.meta.url)),
);

/** A fresh copy of a fixture file. */
export function fixture(name: string): Uint8Array<ArrayBuffer> {
  const text: string | undefined = fixtures.files[name];
  assert.ok(text !== undefined, `no fixture ${name}`);
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** Compares tensors, to the last bit and in their order, with what Python says of them. */
export function assertTensors(tensors: ReadonlyMap<string, HostTensor>, expected: string): void {
  const described: [string, Described][] = Object.entries(fixtures.expected[expected]);
  assert.deepEqual([...tensors.keys()].sort(), described.map(([name]) => name).sort());
  for (const [name, { dtype, shape, values }] of described) {
    const tensor = tensors.get(name)!;
    assert.equal(tensor.dtype, dtype, name);
    assert.deepEqual(tensor.shape, shape, name);
    const found = Array.from(
      tensor.data as ArrayLike<number | bigint>,
      dtype.startsWith("float") ? (value) => doubleBits(value as number) : String,
    );
    assert.deepEqual(found, values, name);
  }
}

function doubleBits(value: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16).padStart(16, "0");
}

/** Asserts that a call fails with a user's error: one line that matches. */
export async function assertUserError(call: () => unknown, message: RegExp): Promise<void> {
  try {
    await call();
  } catch (error) {
    assert.ok(error instanceof UserError, `${error}`);
    assert.match(error.message, message);
    assert.ok(!/\p{Cc}/u.test(error.message), `more than one line: ${error.message}`);
    assert.ok(error.message.length < 700, `too long: ${error.message}`);
    return;
  }
  assert.fail(`no error; expected ${message}`);
}

/** A folder of real weights beside the project, which not every checkout has. */
const REAL = new URL("../../../shared/weights/", import.meta.url);

/** Address of a real file, or undefined, with a warning, where it is absent. */
export function realWeights(extension: "pth" | "safetensors"): URL | undefined {
  const url = new URL(`efficientnet_b0_google_tail_reconstructed.${extension}`, REAL);
  try {
    Deno.statSync(url);
    return url;
  } catch {
    console.warn(`SKIPPED: tests with real weights, there is no ${url.pathname}`);
    return undefined;
  }
}
