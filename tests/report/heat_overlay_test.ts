import assert from "node:assert/strict";
import type { Image } from "../../src/data/image.ts";
import { heatOverlay } from "../../src/report/heat_overlay.ts";

const grey = (height: number, width: number, value = 128): Image => ({
  ...{ data: new Uint8Array(height * width).fill(value), height, width, channels: 1 },
});
const luma = ({ data }: Image, pixel: number) =>
  0.299 * data[pixel * 3] + 0.587 * data[pixel * 3 + 1] + 0.114 * data[pixel * 3 + 2];

Deno.test("the more a part counted, the lighter it is, in equal steps as far as it goes", () => {
  const values = Array.from({ length: 11 }, (_, i) => i / 10);
  const image = heatOverlay(grey(1, 11), { height: 1, width: 11, values });
  const lights = values.map((_, i) => luma(image, i));
  lights.slice(1).forEach((light, i) => assert.ok(light > lights[i], `step ${i}`));
  assert.ok(lights[10] - lights[0] > 80);
});

Deno.test("a map is brought to the picture's size between the middles of its cells", () => {
  const image = heatOverlay(grey(1, 8), { height: 1, width: 2, values: [0, 1] });
  const lights = Array.from({ length: 8 }, (_, i) => luma(image, i));
  assert.equal(lights[0], lights[1], "outside of the first middle");
  assert.equal(lights[6], lights[7]);
  for (let i = 2; i < 6; i++) assert.ok(lights[i] > lights[i - 1]);
});

Deno.test("the picture can be seen through the map everywhere, whatever its colours", () => {
  const data = Uint8Array.of(0, 0, 0, 255, 255, 255);
  for (const value of [0, 0.5, 1]) {
    const picture: Image = { data, height: 1, width: 2, channels: 3 };
    const image = heatOverlay(picture, { height: 1, width: 1, values: [value] });
    assert.equal(image.channels, 3);
    assert.ok(luma(image, 1) - luma(image, 0) > 80, `at ${value}`);
  }
});

Deno.test("a map without its values is refused", () => {
  assert.throws(() => heatOverlay(grey(2, 2), { height: 2, width: 2, values: [1] }), RangeError);
});
