/** A strict look at XML, for tests: enough to see markup that is not closed, not nested or not escaped. @module */

import assert from "node:assert/strict";

/** An element as it was opened. */
export interface Element {
  /** Name of the tag. */
  readonly tag: string;
  /** Its attributes, entities as they stand. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** Asserts that a text is well-formed XML without comments, and returns its elements and its text. */
export function parseXml(xml: string): { elements: Element[]; text: string } {
  const elements: Element[] = [];
  const open: string[] = [];
  let text = "";
  const token = /<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)|(<)/g;
  for (const [, closing, tag, attributes, empty, words, stray] of xml.matchAll(token)) {
    assert.equal(stray, undefined, "a < that opens no tag");
    if (words !== undefined) {
      assert.doesNotMatch(words, /&(?!(?:amp|lt|gt|quot|#\d+);)/, "an & that begins no entity");
      if (open.at(-1) !== "style") text += words;
    } else if (closing === "/") assert.equal(open.pop(), tag, "tags that are not nested");
    else {
      const pairs = [...attributes.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, k, v]) => [k, v]);
      elements.push({ tag, attributes: Object.fromEntries(pairs) });
      if (empty === "") open.push(tag);
    }
  }
  assert.deepEqual(open, [], "tags that are not closed");
  return { elements, text };
}
