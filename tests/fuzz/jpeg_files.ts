/** JPEG files of every kind, and false ones: markers that are left out, repeated, moved or changed. @module */
import type { Dice } from "./dice.ts";
import {
  type CodeTable,
  codeTable,
  encodeScan,
  type Plane,
  type ScanHeader,
} from "./jpeg_entropy.ts";
import { big, joined, latin1, mutate } from "./mutate.ts";
import { exifBlock } from "./png_files.ts";

/** A marker with what it holds; a scan's header has its data behind it. */
interface Segment {
  readonly marker: number;
  /** Without the two bytes of its length; absent for markers that stand alone. */
  readonly data?: Uint8Array;
  /** What follows a scan's header. */
  readonly coded?: Uint8Array;
}

const SOI = 0xd8, EOI = 0xd9, SOS = 0xda, DQT = 0xdb, DHT = 0xc4, DRI = 0xdd;

/** A sound file, before anything is changed in it. */
export function soundFile(dice: Dice): Uint8Array<ArrayBuffer> {
  return joined(...soundSegments(dice).map((segment) => bytesOf(segment)));
}

/** Makes JPEG files; some of them from files of others, which have been made by real programs. */
export function jpegFile(dice: Dice, others: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const given = others.length > 0 && dice.chance(0.25) ? dice.pick(others) : undefined;
  const segments = given === undefined ? soundSegments(dice) : segmentsOf(given);
  if (dice.chance(0.75)) {
    for (let count = dice.size(5); count > 0; count--) changeSegments(segments, dice);
  }
  const file = joined(...segments.map((segment) => bytesOf(segment, dice)));
  return dice.chance(0.25) ? mutate(file, dice, given) : file;
}

function bytesOf({ marker, data, coded }: Segment, dice?: Dice): Uint8Array {
  if (data === undefined) return Uint8Array.of(0xff, marker);
  const length = dice?.chance(0.005) ? dice.below(65536) : data.length + 2;
  const fill = dice?.chance(0.005) ? [0xff, 0xff] : [];
  return joined(
    Uint8Array.of(...fill, 0xff, marker),
    big(length, 2),
    data,
    coded ?? new Uint8Array(0),
  );
}

/** The markers of a sound file. */
function segmentsOf(file: Uint8Array): Segment[] {
  const segments: Segment[] = [];
  for (let at = 0; at + 1 < file.length;) {
    const marker = file[at + 1];
    if (marker === SOI || marker === EOI) {
      segments.push({ marker });
      at += 2;
      continue;
    }
    const end = at + 2 + (file[at + 2] << 8 | file[at + 3]);
    let next = end;
    if (marker === SOS) {
      while (
        next + 1 < file.length &&
        !(file[next] === 0xff && file[next + 1] > 0 && (file[next + 1] & 0xf8) !== 0xd0)
      ) next++;
    }
    segments.push({
      marker,
      data: file.subarray(at + 4, end),
      ...marker === SOS && { coded: file.subarray(end, next) },
    });
    at = next;
  }
  return segments;
}

/** Sampling factors of the first component as cameras have them; the others then have 1 x 1. */
const USUAL = [[1, 1], [2, 1], [2, 2], [1, 2], [4, 1]] as const;

function soundSegments(dice: Dice): Segment[] {
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

function appSegments(dice: Dice): Segment[] {
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

function changeSegments(segments: Segment[], dice: Dice): void {
  if (segments.length === 0) return;
  const at = dice.below(segments.length);
  const segment = segments[at];
  const find = (test: (marker: number) => boolean) =>
    segments.findIndex(({ marker, data }) => data !== undefined && test(marker));
  const isFrame = (marker: number) =>
    marker >= 0xc0 && marker <= 0xcf && ![DHT, 0xc8, 0xcc].includes(marker);
  const changes: readonly (() => void)[] = [
    () => segments.splice(at, 1),
    () => segments.splice(at, 0, segment),
    () => {
      const other = dice.below(segments.length);
      [segments[at], segments[other]] = [segments[other], segments[at]];
    },
    () => {
      // Scans that say "nothing more", again and again.
      const scan = segments.findLastIndex(({ marker, data }) => data && marker === SOS);
      if (scan < 0) return;
      const coded = dice.chance(0.5) ? { coded: dice.bytes(dice.size(6)) } : {};
      const again = { ...segments[scan], ...coded };
      const times = dice.chance(0.2) ? dice.size(2000) : dice.size(8);
      segments.splice(scan, 0, ...Array<Segment>(times).fill(again));
    },
    () => {
      if (segment.data === undefined) return;
      segments[at] = { ...segment, data: mutate(segment.data, dice) };
    },
    () => {
      if (segment.coded === undefined) return;
      segments[at] = { ...segment, coded: mutate(segment.coded, dice) };
    },
    () => segments[at] = { ...segment, marker: dice.between(0xc0, 0xfe) },
    () => {
      const frame = find(isFrame);
      if (frame < 0) return;
      segments[frame] = { ...segments[frame], data: changedFrame(segments[frame].data!, dice) };
    },
    () => {
      const frame = find(isFrame);
      if (frame < 0) return;
      segments[frame] = { ...segments[frame], data: changedFrame(segments[frame].data!, dice) };
    },
    () => {
      const frame = find(isFrame);
      if (frame >= 0) {
        segments[frame] = {
          ...segments[frame],
          marker: dice.pick([0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc9]),
        };
      }
    },
    () => {
      const scan = find((marker) => marker === SOS);
      if (scan < 0) return;
      const data = segments[scan].data!.slice();
      if (data.length === 0) return;
      data[data.length - 1 - dice.below(Math.min(3, data.length))] = dice.pick([
        0,
        1,
        2,
        5,
        13,
        16,
        33,
        63,
        64,
        255,
      ]);
      segments[scan] = { ...segments[scan], data };
    },
    () => segments.splice(at, 0, { marker: DRI, data: big(dice.interesting(), 2) }),
    () => segments.splice(at, 0, ...appSegments(dice)),
    () => {
      const index = find((marker) => marker === dice.pick([DHT, DQT]));
      if (index >= 0) segments.splice(index, 1);
    },
    () => segments.splice(at, 0, { marker: 0xdc, data: big(dice.size(3000), 2) }), // DNL
  ];
  dice.pick(changes)();
}

/** Another size, other factors, other components. */
function changedFrame(data: Uint8Array, dice: Dice): Uint8Array {
  const frame = data.slice();
  if (frame.length < 6) return frame;
  const side = () =>
    big(
      dice.chance(0.9) ? dice.size(300) : dice.chance(0.5) ? dice.size(8000) : dice.interesting(),
      2,
    );
  const component = 6 + 3 * dice.below(Math.max(1, (frame.length - 6) / 3 | 0));
  const changes: readonly (() => void)[] = [
    () => frame.set(side(), 1),
    () => frame.set(side(), 3),
    () => frame[0] = dice.pick([2, 8, 12, 16]),
    () => frame[5] = dice.pick([0, 1, 2, 3, 4, 5, 255]),
    () => frame[component] = dice.below(256),
    () => frame[component + 1] = dice.between(0, 4) << 4 | dice.between(0, 4),
    () => frame[component + 2] = dice.pick([0, 1, 2, 3, 4, 255]),
  ];
  dice.pick(changes)();
  return frame;
}
