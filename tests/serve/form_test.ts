// Forms as they arrive: the same files as the runtime's own reader finds, in whatever pieces, and no more held than the limits say.
import assert from "node:assert/strict";
import { RandomState } from "../../src/core/random.ts";
import { boundaryOf, createFormReader, FormError } from "../../src/serve/form.ts";

const LIMITS = { maxFiles: 20, maxFields: 20 };
const latin1 = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const part = (headers: string, content: string, boundary = "X") =>
  `--${boundary}\r\n${headers}\r\n\r\n${content}\r\n`;
const disposition = (rest: string) => `Content-Disposition: form-data; ${rest}`;
const FILE = disposition('name="f"; filename="a.jpg"');

/** What is read of bytes that come in pieces of these sizes, in turn. */
function read(form: Uint8Array, boundary: string, sizes = [form.length], limits = LIMITS) {
  const reader = createFormReader(boundary, limits);
  let held = 0;
  for (let at = 0, i = 0; at < form.length; i++) {
    const size = sizes[i % sizes.length];
    held += reader.push(form.slice(at, at + size));
    at += size;
  }
  const files = reader.end();
  assert.equal(held, files.reduce((sum, { length }) => sum + length, 0), "bytes held");
  return files.map((file) => [...file]);
}

/** What Deno itself reads. */
async function genuine(form: Uint8Array<ArrayBuffer>, contentType: string) {
  const data = await new Response(form, { headers: { "content-type": contentType } }).formData();
  const files = [...data.values()].filter((value): value is File => typeof value !== "string");
  return await Promise.all(
    files.map(async (file) => [...new Uint8Array(await file.arrayBuffer())]),
  );
}

const reasonOf = (form: string, sizes?: number[], limits = LIMITS) => {
  try {
    read(latin1(form), "X", sizes, limits);
  } catch (error) {
    assert.ok(error instanceof FormError, String(error));
    return error.reason;
  }
};

Deno.test("forms that the runtime writes are read as it reads them, in pieces of any size", async () => {
  const random = new RandomState(5);
  const draw = (below: number) => random.interval(below - 1);
  for (let round = 0; round < 60; round++) {
    const form = new FormData();
    for (let i = draw(6); i >= 0; i--) {
      // Bytes that look like a boundary's beginning, and any others.
      const alphabet = draw(2) ? [13, 10, 45, 45, 120] : Array.from({ length: 256 }, (_, i) => i);
      const bytes = Uint8Array.from({ length: draw(300) }, () => alphabet[draw(alphabet.length)]);
      if (draw(3) === 0) form.append(`text "${i}"\n`, "a\r\n--b\r\n");
      else form.append(`f${i}`, new Blob([bytes]), ["a.jpg", 'ö "x".png', "a;b=c.jpg"][draw(3)]);
    }
    const request = new Request("http://localhost/", { method: "POST", body: form });
    const contentType = request.headers.get("content-type")!;
    const bytes = new Uint8Array(await request.arrayBuffer());
    const expected = await genuine(bytes, contentType);
    const boundary = boundaryOf(contentType)!;
    for (const sizes of [[bytes.length], [1], [1 + draw(9), 1 + draw(90)]]) {
      assert.deepEqual(
        read(bytes, boundary, sizes),
        expected,
        `round ${round}, pieces of ${sizes}`,
      );
    }
  }
});

Deno.test("what RFC 2046 allows is read: preamble, epilogue, padding, folded headers, parts without content", async () => {
  const cases: [string, string, string?][] = [
    ["a part", part(FILE, "abc")],
    [
      "a preamble and an epilogue",
      `not read\r\n--\r\n${part(FILE, "abc")}`,
      "--X--\r\n--X\r\nmore",
    ],
    ["no line end behind the last boundary", part(FILE, "abc"), "--X--"],
    ["header names in any case", part(FILE.replace("Content-D", "CONTENT-d"), "abc")],
    ["more headers", part(`Content-Type: image/jpeg\r\n${FILE}\r\nX-Y: z`, "abc")],
    ["content that is nearly a boundary", part(FILE, "\r\n-\r\n--\r\n--Y\r\r\n--\r\n\r\n")],
    ["an empty file", part(FILE, "") + part(FILE, "")],
    ["a file name without quotes", part(disposition("name=f; filename=a.jpg"), "abc")],
    ["a file without a name", part(disposition('name="f"; filename=""'), "abc")],
    ["a field", part(disposition('name="f"'), "abc")],
    ["no part", ""],
  ];
  for (const [name, parts, end = "--X--\r\n"] of cases) {
    const bytes = latin1(parts + end);
    const expected = await genuine(bytes, "multipart/form-data; boundary=X");
    for (const sizes of [[bytes.length], [1], [2, 3]]) {
      assert.deepEqual(read(bytes, "X", sizes), expected, name);
    }
  }
  // What Deno's own reader (2.9.6) does not take.
  const abc = [[97, 98, 99]];
  const own: [string, string][] = [
    ["spaces behind a boundary", `--X \t\r\n${FILE}\r\n\r\nabc\r\n--X-- \r\n`],
    [
      "an input without a file",
      part(disposition('name="f"; filename=""'), "") + part(FILE, "abc") + "--X--",
    ],
    ["a folded header", part(FILE.replace("; filename", ";\r\n filename"), "abc") + "--X--"],
    [
      "a nested form as a field",
      part(disposition('name="n"'), part(FILE, "no", "Y") + "--Y--") + part(FILE, "abc") + "--X--",
    ],
  ];
  for (const [name, form] of own) {
    for (const sizes of [[form.length], [1]]) {
      assert.deepEqual(read(latin1(form), "X", sizes), abc, name);
    }
  }
  assert.deepEqual(read(latin1(`--X\r\n${FILE}\r\n\r\n--X--`), "X"), [[]], "no content at all");
});

Deno.test("what is no form, or not all of one, is refused", () => {
  const syntax: [string, string][] = [
    ["nothing", ""],
    ["text", "hello"],
    ["a part that is cut off", part(FILE, "abc")],
    ["line feeds alone", (part(FILE, "abc") + "--X--").replaceAll("\r\n", "\n")],
    ["a header without a carriage return", `--X\r\n${FILE}\n\r\nabc\r\n--X--`],
    ["a longer boundary", part(FILE, "abc", "XY") + "--XY--"],
    ["a boundary without an end of line", `--X${" ".repeat(100)}\r\n${FILE}\r\n\r\nabc\r\n--X--`],
    ["a header without an end", `--X\r\n${"a".repeat(9000)}`],
    ["too many headers", `--X\r\n${"a: b\r\n".repeat(17)}${FILE}\r\n\r\nabc\r\n--X--`],
  ];
  for (const [name, form] of syntax) {
    for (const sizes of [[form.length || 1], [1]]) {
      assert.equal(reasonOf(form, sizes), "syntax", name);
    }
  }
  const boundaries: [string, string | undefined][] = [
    ["multipart/form-data", undefined],
    ["multipart/form-data; boundary=", undefined],
    ['multipart/form-data; boundary=""', undefined],
    [`multipart/form-data; boundary=${"x".repeat(71)}`, undefined],
    ["multipart/form-data; boundary=ö", undefined],
    ['multipart/form-data; charset="a;boundary=b"; BOUNDARY="a b:\\"c"; boundary=d', 'a b:"c'],
    ["multipart/form-data;boundary=----WebKitFormBoundaryabc", "----WebKitFormBoundaryabc"],
  ];
  for (const [type, expected] of boundaries) assert.equal(boundaryOf(type), expected, type);
});

Deno.test("a form of too many files or fields is refused at the first that is too many", () => {
  for (const [head, reason] of [[FILE, "files"], [disposition('name="t"'), "fields"]] as const) {
    const one = latin1(part(head, "abc"));
    const reader = createFormReader("X", { maxFiles: 3, maxFields: 3 });
    for (let i = 0; i < 3; i++) reader.push(one);
    assert.throws(() => reader.push(one), { reason });
  }
});

Deno.test("the work does not depend on what the bytes are: 2 MB of line ends take as long as 2 MB of noise", () => {
  const size = 2_000_000;
  const time = (fill: (i: number) => number) => {
    const content = Uint8Array.from({ length: size }, (_, i) => fill(i));
    const reader = createFormReader("X".repeat(70), LIMITS);
    const began = performance.now();
    reader.push(latin1(`--${"X".repeat(70)}\r\n${FILE}\r\n\r\n`));
    for (let at = 0; at < size; at += 65_536) reader.push(content.subarray(at, at + 65_536));
    return performance.now() - began;
  };
  const near = latin1("\r\n--" + "X".repeat(69));
  const noise = time((i) => (i * 7919) % 256);
  for (
    const [name, fill] of [["CR", () => 13], [
      "near",
      (i: number) => near[i % near.length],
    ]] as const
  ) {
    const took = time(fill);
    assert.ok(took < 3000 + 20 * noise, `${name}: ${took} ms, noise ${noise} ms`);
  }
});
