/** Zip archives for tests, byte by byte, so that they can also be wrong (PKWARE's APPNOTE.TXT 6.3.10). @module */

import { crc32, deflateRawSync } from "node:zlib";
import { joinBytes } from "../../../src/core/join_bytes.ts";

/** A file of an archive; what is given besides name and content is written though it be false. */
export interface ZipMember {
  /** Its path, as it is written. */
  readonly name: string;
  /** Its content. */
  readonly content: Uint8Array;
  /** Whether it is deflated. @default {true} */
  readonly deflated?: boolean;
  /** General purpose flags; 1 = encrypted, 0x800 = the name is UTF-8. @default {0x800} */
  readonly flags?: number;
  /** Method. @default 8 deflated, 0 stored */
  readonly method?: number;
  /** Unpacked size. @default that of the content */
  readonly size?: number;
  /** Checksum. @default that of the content */
  readonly crc?: number;
  /** Offset of its local header. @default where it is */
  readonly offset?: number;
}

/** The archive of these files. */
export function zipFile(members: readonly ZipMember[]): Uint8Array<ArrayBuffer> {
  const locals: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const member of members) {
    const { name, content, deflated = true, flags = 0x800 } = member;
    const packed = deflated ? deflateRawSync(content) : content;
    const path = new TextEncoder().encode(name);
    const common = [
      ...u16(20, flags, member.method ?? (deflated ? 8 : 0), 0, 0),
      ...u32(member.crc ?? crc32(content), packed.length, member.size ?? content.length),
    ];
    const local = [...u32(0x04034b50), ...common, ...u16(path.length, 0)];
    locals.push(Uint8Array.from(local), path, packed);
    directory.push(
      Uint8Array.from([
        ...u32(0x02014b50),
        ...u16(20),
        ...common,
        ...u16(path.length, 0, 0, 0, 0),
        ...u32(0, member.offset ?? offset),
      ]),
      path,
    );
    offset += local.length + path.length + packed.length;
  }
  const length = directory.reduce((sum, part) => sum + part.length, 0);
  const end = Uint8Array.from([
    ...u32(0x06054b50),
    ...u16(0, 0, members.length, members.length),
    ...u32(length, offset),
    ...u16(0),
  ]);
  return joinBytes([...locals, ...directory, end]);
}

function u16(...values: number[]): number[] {
  return values.flatMap((value) => [value & 255, value >>> 8 & 255]);
}

function u32(...values: number[]): number[] {
  return values.flatMap((value) => [value, value >>> 8, value >>> 16, value >>> 24].map(byte));
}

function byte(value: number): number {
  return value & 255;
}
