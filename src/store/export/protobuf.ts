/**
 * Writing protobuf messages (protobuf.dev/programming-guides/encoding): a message is its fields one after the other, a field its
 * number and kind, then its content.
 *
 * @module
 */
import { joinBytes } from "../../core/join_bytes.ts";

/** A message or a part of it: bytes in pieces, so that nothing large is copied more than once. */
export type Message = readonly Uint8Array[];

/** Kinds of content that are used here. */
const VARINT = 0;
const LENGTH_DELIMITED = 2;

/** A whole number from 0 on. */
export function wholeField(field: number, value: number): Message {
  return [Uint8Array.from([...varint(field << 3 | VARINT), ...varint(value)])];
}

/** Text as UTF-8. */
export function textField(field: number, text: string): Message {
  return bytesField(field, new TextEncoder().encode(text));
}

/** Bytes as they are. */
export function bytesField(field: number, bytes: Uint8Array): Message {
  return messageField(field, [bytes]);
}

/** Another message, given by its fields. */
export function messageField(field: number, ...fields: readonly Message[]): Message {
  const content = fields.flat();
  const length = content.reduce((sum, piece) => sum + piece.length, 0);
  return [
    Uint8Array.from([...varint(field << 3 | LENGTH_DELIMITED), ...varint(length)]),
    ...content,
  ];
}

/** All fields as one row of bytes. */
export function encodeMessage(...fields: readonly Message[]): Uint8Array {
  return joinBytes(fields.flat());
}

/** Seven bits a byte, the lowest first; the eighth says that more follow. Division, since shifts end at 32 bits. */
function varint(value: number): number[] {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`Cannot write ${value} as a varint: expected a whole number from 0 on`);
  }
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push(rest % 128 + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return bytes;
}
