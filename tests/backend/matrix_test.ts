/** Products of matrices by the binary, without tfjs's JavaScript. */
import assert from "node:assert/strict";
import { createMatrix, createTransposed, multiply } from "../../src/backend/matrix.ts";
import { runningBackend, startRuntime, stopBackend } from "../../src/backend/start.ts";
import { RandomState } from "../../src/core/random.ts";

function matrixTest(name: string, body: () => void | Promise<void>): void {
  Deno.test({
    name,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      await startRuntime();
      await body();
      assert.equal(runningBackend().runtime.products.held, 0, "matrices are left");
    },
  });
}

const random = new RandomState(1);
const draw = (count: number) =>
  Float32Array.from({ length: count }, () => random.randomDouble() - 0.5);

matrixTest("products equal those of the definition", () => {
  for (const [rows, inner, columns] of [[1, 1, 1], [3, 5, 2], [17, 130, 33], [64, 7, 1]]) {
    const [a, b] = [draw(rows * inner), draw(inner * columns)];
    using left = createMatrix(a, rows, inner);
    using right = createMatrix(b, inner, columns);
    const product = multiply(left, right);
    assert.equal(product.length, rows * columns);
    product.forEach((value, at) => {
      const [row, column] = [Math.floor(at / columns), at % columns];
      let sum = 0;
      for (let k = 0; k < inner; k++) sum += a[row * inner + k] * b[k * columns + column];
      assert.ok(Math.abs(value - sum) <= 1e-5, `${rows} x ${inner} x ${columns}: ${value}, ${sum}`);
    });
  }
});

matrixTest("a transposed matrix is the right side as it stands", () => {
  const b = draw(70 * 40);
  using left = createMatrix(draw(9 * 40), 9, 40);
  using turned = createTransposed(b, 70, 40);
  assert.deepEqual([turned.rows, turned.columns], [40, 70]);
  const by = new Float32Array(40 * 70);
  for (let i = 0; i < 70; i++) for (let k = 0; k < 40; k++) by[k * 70 + i] = b[i * 40 + k];
  using right = createMatrix(by, 40, 70);
  assert.deepEqual(multiply(left, turned), multiply(left, right));
});

matrixTest("nothing times nothing is nothing, and sums over nothing are zero", () => {
  using none = createMatrix(new Float32Array(0), 0, 3);
  using thin = createMatrix(new Float32Array(0), 2, 0);
  using flat = createMatrix(new Float32Array(0), 0, 4);
  using right = createMatrix(draw(12), 3, 4);
  assert.deepEqual(multiply(none, right), new Float32Array(0));
  assert.deepEqual(multiply(thin, flat), new Float32Array(8));
});

matrixTest("sides that do not match are refused", () => {
  using left = createMatrix(draw(6), 2, 3);
  using right = createMatrix(draw(8), 4, 2);
  assert.throws(() => multiply(left, right), /2 x 3 by 4 x 2: the inner sides differ/);
});

matrixTest("the same factor gives the same product again and again", () => {
  using right = createMatrix(draw(50 * 20), 50, 20);
  using left = createMatrix(draw(10 * 50), 10, 50);
  const first = multiply(left, right);
  for (let i = 0; i < 3; i++) assert.deepEqual(multiply(left, right), first);
});

Deno.test({
  name: "a matrix of a backend that was stopped is disposed of in silence",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    await startRuntime();
    const matrix = createMatrix(draw(4), 2, 2);
    stopBackend();
    matrix[Symbol.dispose]();
    await startRuntime();
    matrix[Symbol.dispose]();
    assert.equal(runningBackend().runtime.products.held, 0);
  },
});
