import assert from "node:assert/strict";
import { bytesOf, holdsBytes } from "../../src/core/given_bytes.ts";
import { awaitAdvice, givenKind } from "../../src/core/given_kind.ts";

Deno.test("bytes are the same in each of the forms that hold them, and views keep to their part", async () => {
  const whole = Uint8Array.of(9, 1, 2, 3, 9);
  const part = whole.subarray(1, 4);
  const shared = new SharedArrayBuffer(3);
  new Uint8Array(shared).set(part);
  const forms = [
    part,
    new Uint8ClampedArray(whole.buffer, 1, 3),
    new DataView(whole.buffer, 1, 3),
    part.slice().buffer,
    shared,
    new Blob([part]),
    new File([part], "a.bin"),
  ];
  for (const form of forms) {
    assert.ok(holdsBytes(form), form.constructor.name);
    assert.deepEqual([...await bytesOf(form)], [1, 2, 3], form.constructor.name);
  }
});

Deno.test("texts, lists and wider numbers hold no file", () => {
  for (const value of ["ab", [1, 2], new Float32Array(2), new Uint16Array(2), null, undefined, 7]) {
    assert.equal(holdsBytes(value), false, givenKind(value));
  }
});

Deno.test("a kind is said in words, with its article", () => {
  const words: [value: unknown, kind: string][] = [
    [undefined, "nothing (undefined)"],
    [null, "nothing (null)"],
    ["a", "a string"],
    [7, "a number"],
    [7n, "a bigint"],
    [() => {}, "a function"],
    [[], "a list"],
    [{}, "an object"],
    [Object.create(null), "an object"],
    [new Uint8Array(1), "a Uint8Array"],
    [new ArrayBuffer(1), "an ArrayBuffer"],
    [new URL("file:///a"), "a URL"],
    [Promise.resolve(), "a Promise"],
  ];
  for (const [value, kind] of words) assert.equal(givenKind(value), kind);
  assert.equal(awaitAdvice(Promise.resolve()), "it is not there yet: await it");
  assert.equal(awaitAdvice(null), undefined);
});
