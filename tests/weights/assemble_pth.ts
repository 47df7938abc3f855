/** Checkpoints opcode by opcode. @module */

/** Bytes, one a character where they are text. */
export type Part = string | number | Uint8Array | readonly Part[];

/** All parts in a row. */
export function assemble(...parts: readonly Part[]): Uint8Array<ArrayBuffer> {
  const pieces: (string | Uint8Array)[] = [];
  const walk = (part: Part): void => {
    if (typeof part === "number") pieces.push(String.fromCharCode(part));
    else if (typeof part === "string" || part instanceof Uint8Array) pieces.push(part);
    else part.forEach(walk);
  };
  walk(parts);
  const bytes = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    if (typeof piece !== "string") bytes.set(piece, at);
    else for (let i = 0; i < piece.length; i++) bytes[at + i] = piece.charCodeAt(i);
    at += piece.length;
  }
  return bytes;
}

/** Little-endian unsigned integer. */
export function uint(value: number, size: 2 | 4 | 8): string {
  let text = "";
  for (let i = 0; i < size; i++) text += String.fromCharCode(Math.floor(value / 256 ** i) % 256);
  return text;
}

/** BINUNICODE. */
export function text(value: string): string {
  return `X${uint(value.length, 4)}${value}`;
}

/** BINPUT or LONG_BINPUT. */
export const put = (index: number) => index < 256 ? chars("q", index) : `r${uint(index, 4)}`;
/** BINGET or LONG_BINGET. */
export const get = (index: number) => index < 256 ? chars("h", index) : `j${uint(index, 4)}`;
/** BININT. */
export const int = (value: number) => `J${uint(value >>> 0, 4)}`;
const chars = (opcode: string, byte: number) => opcode + String.fromCharCode(byte);

/** A zip archive of stored entries. */
export function zip(entries: readonly (readonly [string, Uint8Array])[]): Uint8Array<ArrayBuffer> {
  const local: Part[] = [];
  const central: Part[] = [];
  let at = 0;
  for (const [name, content] of entries) {
    const sizes = [uint(0, 4), uint(content.length, 4), uint(content.length, 4)];
    const header = assemble(
      ...["PK\x03\x04", uint(20, 2), uint(0, 8), sizes, uint(name.length, 2), uint(0, 2), name],
    );
    central.push([
      ...["PK\x01\x02", uint(20, 2), uint(20, 2), uint(0, 8), sizes, uint(name.length, 2)],
      ...[uint(0, 8), uint(0, 4), uint(at, 4), name],
    ]);
    local.push(header, content);
    at += header.length + content.length;
  }
  const directory = assemble(...central);
  const count = uint(entries.length, 2);
  const end = ["PK\x05\x06", uint(0, 4), count, count, uint(directory.length, 4), uint(at, 4)];
  return assemble(...local, directory, ...end, uint(0, 2));
}

/** A `.pth` file around a pickle, with one storage of 64 bytes. */
export function pth(...pickle: readonly Part[]): Uint8Array<ArrayBuffer> {
  return zip([["a/data.pkl", assemble(0x80, 2, ...pickle)], ["a/data/0", new Uint8Array(64)]]);
}

/** `count` parts. */
export const many = <T>(count: number, part: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => part(i));

/** The name of a class. */
export const ORDERED_DICT = "ccollections\nOrderedDict\n";

/** Puts a recorded tensor on the stack: a window on a storage. */
export function tensor(
  shape: readonly number[],
  strides: readonly number[],
  storage: { readonly kind?: string; readonly key?: string; readonly length?: number } = {},
): Part {
  const { kind = "FloatStorage", key = "0", length = 16 } = storage;
  const id = ["(", text("storage"), `ctorch\n${kind}\n`, text(key), text("cpu"), int(length), "tQ"];
  const sizes = (list: readonly number[]): Part => ["(", ...list.map(int), "t"];
  return [
    ...["ctorch._utils\n_rebuild_tensor_v2\n(", id, "K\0", sizes(shape), sizes(strides)],
    ...[0x89, ORDERED_DICT, ")RtR"],
  ];
}
