/** Sound JPEG files of every kind, as the markers that they are made of. @module */
import type { Dice } from "./dice.ts";
import {
  type CodeTable,
  codeTable,
  encodeScan,
  type Plane,
  type ScanHeader,
} from "./jpeg_entropy.ts";
import { big, joined, latin1 } from "./mutate.ts";
import { exifBlock } from "./png_files.ts";

/** A marker with what it holds; a scan's header has its data behind it. */
export interface Segment {
  readonly marker: number;
  /** Without the two bytes of its length; absent for markers that stand alone. */
  readonly data?: Uint8Array;
  /** What follows a scan's header. */
  readonly coded?: Uint8Array;
}

/** Codes of the markers that files cannot do without (ITU T.81, table B.1). */
export const SOI = 0xd8, EOI = 0xd9, SOS = 0xda, DQT = 0xdb, DHT = 0xc4, DRI = 0xdd;

/** Sampling factors of the first component as cameras have them; the others then have 1 x 1. */
const USUAL = [[1, 1], [2, 1], [2, 2], [1, 2], [4, 1]] as const;

/** The markers of a sound file. */
export function soundSegments(dice: Dice): Segment[] {
  const [width, height] = [dice.size(100), dice.size(100)];
  const progressive = dice.chance(0.5);
  const count = dice.pick([1, 3, 3, 3, 3, 4, 2]);
  const usual = dice.chance(0.7);
  const factors = Array.from({ length: count }, (_, i): [number, number] => {
    if (!usual) return [dice.pick([1, 1, 2, 2, 3, 4]), dice.pick([1, 1, 2, 2, 3, 4])];
    return i === 0 || i === 3 ? [...dice.pick(USUAL)] : [1, 1];
  });
  if (usual && count === 4) factors[3] = [...factors[0]];
  const planes = planesOf(dice, width, height, factors);
  const ids = dice.pick([[1, 2, 3, 4], [1, 2, 3, 4], [0, 1, 2, 3], [82, 71, 66, 65]]);
  const restart = dice.chance(0.3) ? dice.size(20) : 0;
  const [dc, ac] = [codeTable(dice, 16), codeTable(dice, 255)];
  const wide = dice.chance(0.05);
  const table = (id: number) =>
    joined(
      Uint8Array.of((wide ? 16 : 0) | id),
      ...Array.from({ length: 64 }, () => big(dice.size(wide ? 2000 : 60), wide ? 2 : 1)),
    );
  const tables = count === 1 || dice.chance(0.3) ? 1 : 2;
  const frame = joined(
    Uint8Array.of(8),
    big(height, 2),
    big(width, 2),
    Uint8Array.of(count),
    ...factors.map(([h, v], i) =>
      Uint8Array.of(ids[i], h << 4 | v, i === 0 || tables === 1 ? 0 : 1)
    ),
  );
  const segments: Segment[] = [{ marker: SOI }, ...appSegments(dice)];
  for (let i = 0; i < tables; i++) segments.push({ marker: DQT, data: table(i) });
  segments.push({ marker: progressive ? 0xc2 : dice.pick([0xc0, 0xc0, 0xc1]), data: frame });
  if (dice.chance(0.05)) segments.push(...appSegments(dice));
  segments.push({ marker: DHT, data: joined(tableBytes(dc, 0), tableBytes(ac, 0x10)) });
  if (restart > 0) segments.push({ marker: DRI, data: big(restart, 2) });
  for (const scan of scansOf(dice, planes, progressive, restart)) {
    segments.push({
      marker: SOS,
      data: Uint8Array.of(
        scan.parts.length,
        ...scan.parts.flatMap((part) => [ids[part], 0]),
        scan.from,
        scan.to,
        scan.before << 4 | scan.after,
      ),
      coded: encodeScan(planes, scan, { dc, ac }),
    });
  }
  return [...segments, { marker: EOI }];
}

function tableBytes({ counts, symbols }: CodeTable, id: number): Uint8Array {
  return Uint8Array.of(id, ...counts, ...symbols);
}

/** Markers of programs: JFIF's, Adobe's, a camera's. */
export function appSegments(dice: Dice): Segment[] {
  const jfif = latin1("JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
  const adobe = joined(latin1("Adobe\0\x64\0\0\0\0"), Uint8Array.of(dice.below(4)));
  const segments: Segment[] = [];
  if (dice.chance(0.5)) segments.push({ marker: 0xe0, data: jfif });
  if (dice.chance(0.3)) segments.push({ marker: 0xee, data: adobe });
  if (dice.chance(0.3)) {
    segments.push({ marker: 0xe1, data: joined(latin1("Exif\0\0"), exifBlock(dice)) });
  }
  if (dice.chance(0.1)) segments.push({ marker: 0xfe, data: dice.bytes(dice.size(100)) });
  return segments;
}

/** Sparse coefficients for every component. */
function planesOf(
  dice: Dice,
  width: number,
  height: number,
  factors: readonly (readonly [number, number])[],
): Plane[] {
  const most = [0, 1].map((side) => Math.max(...factors.map((factor) => factor[side])));
  const units = [Math.ceil(width / (8 * most[0])), Math.ceil(height / (8 * most[1]))];
  const busy = dice.share() ** 2;
  return factors.map(([h, v]) => {
    const [across, down] = [units[0] * h, units[1] * v];
    const own = [
      Math.ceil(Math.ceil(width * h / most[0]) / 8),
      Math.ceil(Math.ceil(height * v / most[1]) / 8),
    ] as const;
    const blocks = Array.from({ length: down }, () => {
      const row = new Int16Array(64 * across);
      for (let at = 0; at < row.length; at += 64) {
        row[at] = dice.between(-300, 300);
        for (let k = dice.size(40); k > 1; k--) {
          if (dice.chance(busy)) row[at + dice.between(1, 63)] = dice.between(-20, 20);
        }
      }
      return row;
    });
    return { across, own, factors: [h, v] as const, blocks };
  });
}

/** The scans of a sound file. */
function scansOf(
  dice: Dice,
  planes: readonly Plane[],
  progressive: boolean,
  restart: number,
): ScanHeader[] {
  const all = planes.map((_, i) => i);
  const common = { progressive, restart };
  // Blocks of one unit are limited to ten where components share a scan (B.2.3).
  const blocks = planes.reduce((sum, { factors: [h, v] }) => sum + h * v, 0);
  const groups = blocks > 10 || dice.chance(0.25) ? all.map((i) => [i]) : [all];
  if (!progressive) {
    return groups.map((parts) => ({ ...common, parts, from: 0, to: 63, before: 0, after: 0 }));
  }
  const low = dice.below(3);
  const scans: ScanHeader[] = groups.map((parts) => ({
    ...common,
    parts,
    from: 0,
    to: 0,
    before: 0,
    after: low,
  }));
  for (let bit = low; bit > 0; bit--) {
    for (const parts of groups) {
      scans.push({ ...common, parts, from: 0, to: 0, before: bit, after: bit - 1 });
    }
  }
  for (const part of all) {
    const cut = dice.between(1, 62);
    const bands = dice.chance(0.5) ? [[1, 63]] : [[1, cut], [cut + 1, 63]];
    const deep = dice.below(3);
    for (const [from, to] of bands) {
      for (let bit = deep; bit >= 0; bit--) {
        const before = bit === deep ? 0 : bit + 1;
        scans.push({ ...common, parts: [part], from, to, before, after: bit });
      }
    }
  }
  return scans;
}
