/** Requests as hostile clients send them: bodies, forms, headers, and bytes that are no requests. @module */
import { gzipSync } from "node:zlib";
import type { Dice } from "./dice.ts";
import { joined, latin1, mutate } from "./mutate.ts";

/** What a request is made of; `body` are bytes that nothing was done to yet. */
export interface Message {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array<ArrayBuffer>;
}

const PATHS = [
  "/predict",
  "/predict",
  "/predict",
  "/predict",
  "/embed",
  "/healthz",
  "/openapi.json",
  "/",
  "/nothing",
  "//",
  "/predict/",
  "/%00",
  "/..%2f..%2fetc/passwd",
  "/predict%",
];
const QUERIES = [
  "",
  "",
  "",
  "?top=1",
  "?top=3",
  "?top=0",
  "?top=-1",
  "?top=1e9",
  "?top=%00",
  "?top=1&top=2",
  "?top=99999999999999999999",
  "?a=b",
  "?" + "x".repeat(5000),
  "?top=١",
];
const METHODS = [
  "POST",
  "POST",
  "POST",
  "POST",
  "GET",
  "HEAD",
  "OPTIONS",
  "PUT",
  "DELETE",
  "PATCH",
  "PROPFIND",
  "post",
];
const HOSTS = [
  "localhost",
  "127.0.0.1",
  "[::1",
  "a b",
  "<script>",
  "a:b:c",
  "%",
  "@",
  "localhost:99999999",
  "",
  "x".repeat(2000),
  "user:pw@localhost",
  "[::1]",
  "0",
  "localhost:0",
];
const TYPES = [
  "image/png",
  "image/jpeg",
  "application/octet-stream",
  "multipart/form-data",
  "application/json",
  "text/plain; charset=utf-16",
  "",
  "multipart/form-data; boundary=",
  "multipart/mixed; boundary=x",
  "x".repeat(3000),
];

/** A request. @param images Bodies that are sound images, or nearly. */
export function message(dice: Dice, images: () => Uint8Array): Message {
  const path = dice.pick(PATHS) + dice.pick(QUERIES);
  const method = dice.pick(METHODS);
  const headers: [string, string][] = [];
  let body: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  let type = dice.pick(TYPES);
  const kind = dice.share();
  if (kind < 0.45) {
    const boundary = dice.pick([
      "x",
      "----WebKitFormBoundary7MA4YWxkTrZu0gW",
      "a'b()+_,-./:=?",
      "é",
      '"q"',
      "y".repeat(70),
      "z".repeat(300),
    ]);
    const made = form(dice, boundary, images);
    body = dice.chance(0.3) ? mutate(made, dice) : made;
    const quoted = dice.chance(0.3) ? `"${boundary}"` : boundary;
    type = `${dice.chance(0.9) ? "multipart/form-data" : "Multipart/Form-Data"}; ${
      dice.chance(0.95) ? "boundary" : "Boundary"
    }=${quoted}`;
    if (dice.chance(0.05)) type += dice.pick(["; boundary=other", "; charset=utf-8", ";", "; ="]);
  } else if (kind < 0.75) body = images().slice();
  else if (kind < 0.85) body = dice.bytes(dice.size(3000));
  else if (kind < 0.87) body = new Uint8Array(dice.size(200_000));
  if (dice.chance(0.95)) headers.push(["content-type", type]);
  if (dice.chance(0.05)) {
    headers.push([
      "content-encoding",
      dice.pick(["gzip", "br", "identity", "deflate, gzip", "nonsense"]),
    ]);
    if (dice.chance(0.5)) body = new Uint8Array(gzipSync(body, { level: 1 }));
  }
  if (dice.chance(0.3)) headers.push(oddHeader(dice));
  return { method, target: path, headers, body };
}

function oddHeader(dice: Dice): [string, string] {
  return dice.pick<[string, string]>([
    ["content-length", String(dice.interesting() * dice.pick([1, -1, 1e9]))],
    ["content-length", "NaN"],
    ["host", dice.pick(HOSTS)],
    ["origin", dice.pick(["http://evil.example", "null", ""])],
    ["accept", "text/html;q=0.1, ".repeat(dice.size(100))],
    ["x-forwarded-for", dice.pick(HOSTS)],
    ["expect", dice.pick(["100-continue", "200-ok"])],
    ["range", "bytes=0-99999999999999"],
    ["if-none-match", "*"],
    ["cookie", "a=b;".repeat(dice.size(1000))],
  ]);
}

/** A form of files and fields, with all that goes wrong in such. */
function form(dice: Dice, boundary: string, images: () => Uint8Array): Uint8Array<ArrayBuffer> {
  const mark = latin1(`--${boundary}`);
  const line = latin1(dice.chance(0.97) ? "\r\n" : "\n");
  const parts: Uint8Array[] = [];
  if (dice.chance(0.05)) parts.push(latin1("a preamble"), line);
  const many = dice.chance(0.01);
  for (let count = many ? dice.size(3000) : dice.below(5); count > 0; count--) {
    parts.push(mark, line, ...many && dice.chance(0.95) ? [line] : part(dice, line, images), line);
  }
  if (dice.chance(0.93)) parts.push(mark, latin1("--"), line);
  if (dice.chance(0.05)) parts.push(latin1("an epilogue"));
  return joined(...parts);
}

function part(dice: Dice, line: Uint8Array, images: () => Uint8Array): Uint8Array[] {
  const name = dice.pick(["file", "file", "image", "", "__proto__", 'a"b', "é", "x".repeat(500)]);
  const file = dice.pick(["a.png", "a.png", "", "../../a.png", 'a"; x="b', "\u202egnp", undefined]);
  const disposition = `form-data; name="${name}"${
    file === undefined ? "" : `; filename="${file}"`
  }`;
  const headers = [
    latin1(
      `Content-Disposition: ${
        dice.chance(0.95)
          ? disposition
          : dice.pick(["form-data", "attachment; filename=x", "form-data; name=", ";;;"])
      }`,
    ),
  ];
  if (dice.chance(0.6)) headers.push(latin1(`Content-Type: ${dice.pick(TYPES)}`));
  if (dice.chance(0.05)) {
    headers.push(latin1(`Content-Transfer-Encoding: ${dice.pick(["base64", "binary"])}`));
  }
  if (dice.chance(0.02)) headers.push(latin1("X: y".repeat(dice.size(2000))));
  if (dice.chance(0.02)) headers.length = 0;
  const body = dice.chance(0.8) ? images() : dice.bytes(dice.size(300));
  return [...headers.flatMap((header) => [header, line]), line, body];
}

/** A request as bytes on a connection; some are none at all. */
export function rawRequest(dice: Dice, images: () => Uint8Array): Uint8Array<ArrayBuffer> {
  if (dice.chance(0.05)) return dice.bytes(dice.size(2000));
  const requests = Array.from({ length: dice.chance(0.1) ? dice.size(4) : 1 }, () => {
    const { method, target, headers, body } = message(dice, images);
    const host = dice.chance(0.85) ? "127.0.0.1" : dice.pick(HOSTS);
    const end = dice.chance(0.97) ? "\r\n" : dice.pick(["\n", "\r", "\r\n\r\n"]);
    const chunked = dice.chance(0.2);
    const given = headers.filter(([name]) => name !== "host");
    const length = chunked || given.some(([name]) => name === "content-length")
      ? []
      : [["content-length", String(body.length)]];
    const lines = [
      `${method} ${target} HTTP/${
        dice.chance(0.95) ? "1.1" : dice.pick(["1.0", "0.9", "2.0", "9"])
      }`,
      ...dice.chance(0.95) ? [`Host: ${host}`] : [],
      ...[...given, ...length].map(([name, value]) => `${name}: ${value}`),
      ...chunked ? [`transfer-encoding: ${dice.chance(0.95) ? "chunked" : "gzip, chunked"}`] : [],
      ...dice.chance(0.05)
        ? ["connection: keep-alive", "upgrade: websocket"]
        : ["connection: close"],
    ];
    const content = chunked ? inChunks(body, dice) : body;
    const sent = dice.chance(0.9) ? content : content.subarray(0, dice.below(content.length + 1));
    return joined(new TextEncoder().encode(lines.join(end) + end + end), sent);
  });
  const bytes = joined(...requests);
  return dice.chance(0.2) ? mutate(bytes, dice) : bytes;
}

function inChunks(body: Uint8Array, dice: Dice): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < body.length;) {
    const length = Math.min(body.length - at, dice.size(2000));
    const said = dice.chance(0.98) ? length : dice.interesting();
    const extension = dice.chance(0.02) ? `;${"x".repeat(dice.size(3000))}` : "";
    parts.push(
      latin1(`${said.toString(16)}${extension}\r\n`),
      body.subarray(at, at + length),
      latin1("\r\n"),
    );
    at += length;
  }
  return joined(...parts, latin1(dice.chance(0.95) ? "0\r\n\r\n" : "0\r\nX: y\r\n\r\n"));
}
