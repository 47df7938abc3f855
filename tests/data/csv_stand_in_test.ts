/** Runs against the stand-in of offline/csv here and against the genuine @std/csv under `test:genuine`. */
import assert from "node:assert/strict";
import { parseCsv } from "../../src/deps.ts";

Deno.test("CSV text becomes records; LF, CRLF, blank lines and a byte order mark are no data", () => {
  const rows = [["a", "b"], ["1", "2"]];
  assert.deepEqual(parseCsv("a,b\n1,2"), rows);
  assert.deepEqual(parseCsv("\ufeffa,b\r\n\r\n1,2\r\n"), rows);
  assert.deepEqual(parseCsv("a,b\n1,2\r"), rows);
  assert.deepEqual(parseCsv(""), []);
});

Deno.test("quoted values hold separators, quotes and line ends", () => {
  assert.deepEqual(parseCsv('"a,b","c ""d""","e\r\nf"\n'), [["a,b", 'c "d"', "e\nf"]]);
  assert.deepEqual(parseCsv('"",x,""'), [["", "x", ""]]);
  assert.deepEqual(parseCsv("a,\n"), [["a", ""]]);
});

Deno.test("options choose separator, comments, trimming and lazy quotes", () => {
  assert.deepEqual(parseCsv("a;b", { separator: ";" }), [["a", "b"]]);
  assert.deepEqual(parseCsv("#x,y\na,b", { comment: "#" }), [["a", "b"]]);
  assert.deepEqual(parseCsv(' a,  "b"', { trimLeadingSpace: true }), [["a", "b"]]);
  assert.deepEqual(parseCsv('a "b","1"2"', { lazyQuotes: true }), [['a "b"', '1"2']]);
});

Deno.test("a header or named columns make objects", () => {
  assert.deepEqual(parseCsv("a,b\n1,2", { skipFirstRow: true }), [{ a: "1", b: "2" }]);
  assert.deepEqual(parseCsv("1,2", { columns: ["x", "y"] }), [{ x: "1", y: "2" }]);
  assert.deepEqual(parseCsv("a,b\n1,2", { skipFirstRow: true, columns: ["x", "y"] }), [
    { x: "1", y: "2" },
  ]);
  assert.throws(() => parseCsv("", { skipFirstRow: true }), {
    name: "TypeError",
    message: "Cannot parse input: headers must be defined",
  });
  assert.throws(() => parseCsv("a,b\n1", { skipFirstRow: true }), {
    name: "Error",
    message: "Syntax error on line 2: The record has 1 fields, but the header has 2 fields",
  });
});

Deno.test("misplaced and missing quotes are syntax errors with line and column", () => {
  const cases: [text: string, message: string][] = [
    ['x\na "b"', 'on line 2; parse error on line 2, column 3: bare " in non-quoted-field'],
    ['a,🐱"', 'on line 1; parse error on line 1, column 4: bare " in non-quoted-field'],
    ['"a"b', 'on line 1; parse error on line 1, column 3: extraneous or missing " in quoted-field'],
    [
      'a,"b\nc"d',
      'on line 1; parse error on line 2, column 2: extraneous or missing " in quoted-field',
    ],
    ['a,"b', 'on line 1; parse error on line 1, column 1: extraneous or missing " in quoted-field'],
    ['a,"', 'on line 1; parse error on line 1, column 4: extraneous or missing " in quoted-field'],
  ];
  for (const [text, message] of cases) {
    assert.throws(() => parseCsv(text), {
      name: "SyntaxError",
      message: `Syntax error ${message}`,
    });
  }
});

Deno.test("the number of values of each record is checked on request", () => {
  assert.deepEqual(parseCsv("a,b\nc", { fieldsPerRecord: -1 }), [["a", "b"], ["c"]]);
  for (const fieldsPerRecord of [0, 2]) {
    assert.throws(() => parseCsv("a,b\nc", { fieldsPerRecord }), {
      name: "SyntaxError",
      message: "Syntax error on line 2: expected 2 fields but got 1",
    });
  }
});

Deno.test("an impossible separator is refused", () => {
  for (
    const options of [{ separator: '"' }, { separator: "\n" }, { separator: "#", comment: "#" }]
  ) {
    assert.throws(() => parseCsv("a", options), {
      name: "Error",
      message: "Cannot parse input: invalid delimiter",
    });
  }
});
