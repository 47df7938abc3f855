/** JPEG files of every kind, and false ones: markers that are left out, repeated, moved or changed. @module */
import type { Dice } from "./dice.ts";
import {
  appSegments,
  DHT,
  DQT,
  DRI,
  EOI,
  type Segment,
  SOI,
  SOS,
  soundSegments,
} from "./jpeg_segments.ts";
import { big, joined, mutate } from "./mutate.ts";

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
