/** The checksum of PNG, zip and gzip. @module */

/** Remainders of single bytes; made at the first use. */
let table: Uint32Array | undefined;

/** The reversed polynomial of ISO 3309 (PNG specification, annex D). */
const POLYNOMIAL = 0xedb88320;

/**
 * CRC-32 of bytes, 0 to 2³² - 1.
 *
 * @example
 * ```ts
 * import { crc32 } from "./crc32.ts";
 * if (crc32(new TextEncoder().encode("123456789")) !== 0xcbf43926) throw new Error();
 * ```
 */
export function crc32(bytes: Uint8Array): number {
  const remainders = table ??= makeTable();
  let crc = 0xffffffff;
  for (const byte of bytes) crc = remainders[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return ~crc >>> 0;
}

function makeTable(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit++) {
      remainder = remainder & 1 ? POLYNOMIAL ^ (remainder >>> 1) : remainder >>> 1;
    }
    return remainder;
  });
}
