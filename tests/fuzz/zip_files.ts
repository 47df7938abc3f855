/** Zip archives, sound ones and false ones. @module */
import { crc32, deflateRawSync } from "node:zlib";
import type { Dice } from "./dice.ts";
import { joined, little } from "./mutate.ts";

/** A file in an archive. */
export interface Member {
  readonly name: string;
  readonly content: Uint8Array;
  readonly deflated?: boolean;
}

/** An archive of some files. @param odd How likely each field of the archive is to be false. */
export function zipOf(members: readonly Member[], dice: Dice, odd = 0): Uint8Array<ArrayBuffer> {
  const number = (value: number, width: 2 | 4) =>
    little(odd > 0 && dice.chance(odd) ? dice.interesting() : value, width);
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  const wide = dice.chance(0.1);
  const gap = odd > 0 && dice.chance(0.1) ? dice.bytes(dice.size(100)) : new Uint8Array(0);
  let at = gap.length;
  parts.push(gap);
  for (const { name, content, deflated = false } of members) {
    const data = deflated ? deflateRawSync(content, { level: 1 }) : content;
    const path = new TextEncoder().encode(name);
    const extra = odd > 0 && dice.chance(0.1) ? dice.bytes(dice.size(30)) : new Uint8Array(0);
    const common = () => [
      number(20, 2),
      number(0x800, 2),
      number(deflated ? 8 : 0, 2),
      little(0, 4),
      number(crc32(content), 4),
    ];
    const local = joined(
      number(0x04034b50, 4),
      ...common(),
      number(data.length, 4),
      number(content.length, 4),
      number(path.length, 2),
      number(extra.length, 2),
      path,
      extra,
      data,
    );
    const zip64 = joined(
      little(1, 2),
      number(24, 2),
      little(content.length, 8),
      little(data.length, 8),
      little(at, 8),
    );
    const field = wide ? zip64 : extra;
    directory.push(
      number(0x02014b50, 4),
      little(20, 2),
      ...common(),
      wide ? little(0xffffffff, 4) : number(data.length, 4),
      wide ? little(0xffffffff, 4) : number(content.length, 4),
      number(path.length, 2),
      number(field.length, 2),
      number(0, 2),
      little(0, 4),
      number(0, 4),
      wide ? little(0xffffffff, 4) : number(at, 4),
      path,
      field,
    );
    parts.push(local);
    at += local.length;
  }
  const index = joined(...directory);
  const end64 = joined(
    number(0x06064b50, 4),
    little(44, 8),
    little(45, 2),
    little(45, 2),
    little(0, 4),
    little(0, 4),
    little(members.length, 8),
    little(members.length, 8),
    little(index.length, 8),
    little(at, 8),
    number(0x07064b50, 4),
    little(0, 4),
    little(at + index.length, 8),
    little(1, 4),
  );
  return joined(
    ...parts,
    index,
    wide ? end64 : new Uint8Array(0),
    number(0x06054b50, 4),
    little(0, 4),
    number(members.length, 2),
    number(members.length, 2),
    number(index.length, 4),
    number(at, 4),
    number(0, 2),
  );
}
