import assert from "node:assert/strict";
import { showingSources, shownSource, shownText } from "../../src/core/shown_source.ts";

Deno.test("an address is shown without user, password, query and fragment, a path as it is", () => {
  const shown: [string, string][] = [
    [
      "https://ann:s3cret@example.org:8443/a/b.zip?token=abc#sha256=12",
      "https://example.org:8443/a/b.zip",
    ],
    ["HTTP://ann@example.org/a", "http://example.org/a"],
    ["http://ann:s3cret@:bad/x?token=abc", "http://:bad/x"],
    ["http://ann:s3/cret@[bad/x?token=abc", "http://[bad/x"],
    ["pets?a/b#c.zip", "pets?a/b#c.zip"],
    ["/data/ann@example.org/pets.zip", "/data/ann@example.org/pets.zip"],
    ["file:///data/pets.zip", "file:///data/pets.zip"],
  ];
  for (const [source, expected] of shown) assert.equal(shownSource(source), expected);
  assert.equal(shownSource(new URL("https://a:b@c.org/d?e")), "https://c.org/d");
});

Deno.test("addresses within a text are shown so, too", () => {
  assert.equal(
    shownText("error for url (http://ann:s3cret@127.0.0.1:9/w?token=abc): refused"),
    "error for url (http://127.0.0.1:9/w): refused",
  );
});

Deno.test("what a command was given is shown so wherever it stands", () => {
  const show = showingSources([
    "train",
    'http://u:p@a.org/"x"?t',
    "--weights=https://b.org/w?t=1",
    "p?q",
  ]);
  const line = 'http://u:p@a.org/"x"?t and https://b.org/w?t=1 and p?q';
  assert.equal(show(line), "http://a.org/%22x%22 and https://b.org/w and p?q");
  assert.equal(show(JSON.stringify(line)), '"http://a.org/%22x%22 and https://b.org/w and p?q"');
});

Deno.test("brackets and quotes in a password or a query end no address in a text", () => {
  const shown = "for url (https://host/x): refused";
  assert.equal(shownText("for url (https://ann:p(w)'d@host/x?token=a(b)c): refused"), shown);
  assert.equal(shownText("for url (https://host/x?token=1): refused"), shown);
  assert.equal(
    shownText("at 'http://host/x?b' and (http://host/y)"),
    "at 'http://host/x' and (http://host/y)",
  );
});
