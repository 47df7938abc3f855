import assert from "node:assert/strict";
import { arrange, type Tenant } from "../../src/backend/arena.ts";
import { RandomState } from "../../src/core/random.ts";

Deno.test("tenants that live at the same time never share a byte, and all lie in the arena", () => {
  const random = new RandomState(3);
  const below = (limit: number) => Math.floor(random.randomDouble() * limit);
  for (let round = 0; round < 200; round++) {
    const tenants = Array.from({ length: 1 + below(30) }, (): Tenant => {
      const from = below(20);
      return { bytes: 1 + below(5000), from, to: from + below(6) };
    });
    const { offsets, bytes } = arrange(tenants);
    tenants.forEach((a, i) => {
      assert.equal(offsets[i] % 64, 0, "tenants start on cache lines of their own");
      assert.ok(offsets[i] >= 0 && offsets[i] + a.bytes <= bytes);
      tenants.forEach((b, j) => {
        if (i >= j || a.from > b.to || b.from > a.to) return;
        const apart = offsets[i] + a.bytes <= offsets[j] || offsets[j] + b.bytes <= offsets[i];
        assert.ok(apart, `tenants ${i} and ${j} of round ${round} overlap`);
      });
    });
  }
});

Deno.test("tenants that follow one another share room", () => {
  const chain = Array.from({ length: 10 }, (_, i) => ({ bytes: 1024, from: i, to: i + 1 }));
  assert.equal(arrange(chain).bytes, 2048);
});

Deno.test("an arena of nobody takes no room", () => {
  assert.deepEqual(arrange([]), { offsets: [], bytes: 0 });
});
