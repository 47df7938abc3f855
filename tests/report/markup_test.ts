import assert from "node:assert/strict";
import { escapeMarkup } from "../../src/report/markup.ts";

Deno.test("markup in text is written as entities, in content and in attributes", () => {
  assert.equal(
    escapeMarkup(`<script>"a" & 'b'</script>`),
    "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;&lt;/script&gt;",
  );
  assert.equal(escapeMarkup("&lt;"), "&amp;lt;"); // what looks escaped is text like any other
});

Deno.test("characters that XML forbids are replaced, all others are kept", () => {
  assert.equal(escapeMarkup("a\x00b\x1bc\ufffe\ud800d"), "a\ufffdb\ufffdc\ufffd\ufffdd");
  const kept = "tab\tline\nreturn\r ä 日 🐈 \x7f";
  assert.equal(escapeMarkup(kept), kept);
});
