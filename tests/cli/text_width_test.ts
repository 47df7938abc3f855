import assert from "node:assert/strict";
import { clipText, padText, shortenText, textWidth } from "../../src/cli/text_width.ts";

Deno.test("East Asian characters and emoji take two columns, accents none", () => {
  const widths: [text: string, width: number][] = [
    ["", 0],
    ["T-shirt/top", 11],
    ["naïve", 5],
    ["nai\u0308ve", 5],
    ["猫", 2],
    ["ネコ", 4],
    ["고양이", 6],
    ["ＡＢ", 4],
    ["🐈", 2],
    ["👩‍🔬", 2],
    ["🇩🇪", 2],
    ["❤\ufe0f", 2],
    ["кошка", 5],
    ["a\u200bb", 2],
  ];
  for (const [text, width] of widths) assert.equal(textWidth(text), width, text);
});

Deno.test("text is padded to columns, not to characters", () => {
  assert.equal(padText("猫", 4, "behind"), "猫  ");
  assert.equal(padText("猫", 4, "before"), "  猫");
  assert.equal(padText("long", 2, "behind"), "long");
});

Deno.test("what is cut fits, and no character is cut in two", () => {
  assert.equal(clipText("features", 5), "feat…");
  assert.equal(clipText("猫猫猫", 4), "猫…");
  assert.equal(clipText("猫", 1), "…");
  assert.equal(clipText("abc", 0), "");
  assert.equal(shortenText("chihuahua_99.jpg", 9), "chih….jpg");
  assert.equal(shortenText("猫猫猫猫", 5), "猫…猫");
  assert.equal(shortenText("abcdef", 1), "…");
  assert.equal(shortenText("abcdef", 2), "a…");
  assert.equal(shortenText("abc", 3), "abc");
});
