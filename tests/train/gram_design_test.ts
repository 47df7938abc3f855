// Designs of some rows by products of all, against the design of their features.
import assert from "node:assert/strict";
import { startBackend } from "../../src/backend/mod.ts";
import { RandomState } from "../../src/core/random.ts";
import { held } from "../held.ts";
import { takeRows } from "../../src/model/feature_matrix.ts";
import { rowProducts } from "../../src/model/row_products.ts";
import { DesignMatrix } from "../../src/train/design_matrix.ts";
import { gramDesign } from "../../src/train/gram_design.ts";

const COLUMNS = 300;
const plain = {
  mean: new Float32Array(COLUMNS),
  scale: new Float32Array(COLUMNS).fill(1),
};

for (const size of [20, 200]) { // multiplied here, and by the backend
  Deno.test(`a design of ${size} of 250 rows multiplies as one of their features does`, async () => {
    await startBackend({ threads: 2 });
    const before = held();
    const random = new RandomState(8);
    const normal = (length: number) => Float32Array.from({ length }, () => random.standardNormal());
    const features = { data: normal(250 * COLUMNS), rows: 250, columns: COLUMNS };
    const rows = random.permutation(250).slice(0, size);
    const vectors = normal(10 * size);
    {
      using part = gramDesign(rowProducts(features), 250, rows);
      using whole = new DesignMatrix(takeRows(features, rows), plain);
      assert.deepEqual([part.rows, part.size, part.gram], [size, size, whole.gram]);
      for (const way of ["forward", "backward"] as const) {
        const expected = whole[way](vectors, 10);
        const most = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
        part[way](vectors, 10).forEach((value, i) => {
          assert.ok(Math.abs(value - expected[i]) < 1e-5 * most);
        });
      }
      assert.throws(() => part.expand(vectors, 10), /only products of rows are known/);
    }
    assert.equal(held(), before);
  });
}
