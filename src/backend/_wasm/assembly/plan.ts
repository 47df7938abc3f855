// Runs a plan: segments of ops, every thread the same program, work shared by chunk counters.
//
// Layout in memory (32-bit words; src/backend/plan.ts writes it):
//   plan     0 images, 1 segments, 2 address of the segments, 3 threads, 4 arena of thread 0, 5 arena stride,
//            6 shared arena, 7 input, 8 output; from byte 64 the barrier (see sync.ts)
//   segment  0 chunk counter, 1 address of its ops, 2 number of ops, 3 images per chunk (0: split the one op),
//            4 chunks when the op is split; 64 bytes
//   op       see the OP_ constants; 128 bytes
// A tensor is four words: place (0 the thread's arena, 1 shared arena, 2 input, 3 output), offset, bytes from
// one panel of eight channels to the next, bytes from one image to the next.

import { depthwisePlane, depthwiseSmall, zeroBorder } from "./depthwise";
import { gemm, RESIDUAL } from "./gemm";
import { gatePlane, meanPlane, patchRow } from "./planes";
import { barrier } from "./sync";

const OP_KIND: usize = 0;
const OP_SOURCE: usize = 4;
const OP_TARGET: usize = 20;
const OP_EXTRA: usize = 36;
const OP_WEIGHT: usize = 52;
const OP_BIAS: usize = 56;
const OP_PARAMETERS: usize = 60;

const KIND_PATCHES: i32 = 0;
const KIND_GEMM: i32 = 1;
const KIND_DEPTHWISE: i32 = 2;
const KIND_GATE: i32 = 3;
const KIND_MEAN: i32 = 4;

// @ts-ignore: decorator
@inline
function word(at: usize, index: i32): i32 {
  return load<i32>(at + (<usize>index << 2));
}

/** Address of a tensor for the images from `first` on; private tensors start anew with every chunk. */
function address(plan: usize, tensor: usize, thread: i32, first: i32): usize {
  const place = word(tensor, 0);
  const offset = <usize>word(tensor, 1);
  if (place == 0) return <usize>word(plan, 4) + <usize>thread * <usize>word(plan, 5) + offset;
  return <usize>word(plan, 5 + place) + offset + <usize>first * <usize>word(tensor, 3);
}

/**
 * Runs one op on `images` images. `part` of `parts` is the share of the op's own axis (rows, output panels
 * or planes, by kind); 0 of 1 is all of it.
 */
function runOp(plan: usize, op: usize, thread: i32, first: i32, images: i32, part: i32, parts: i32): void {
  const kind = word(op, 0);
  const source = op + OP_SOURCE, target = op + OP_TARGET;
  const x = address(plan, source, thread, first), d = address(plan, target, thread, first);
  const xPanel = <usize>word(source, 2), xImage = <usize>word(source, 3);
  const dPanel = <usize>word(target, 2), dImage = <usize>word(target, 3);
  const p = op + OP_PARAMETERS;
  const weight = <usize>load<u32>(op + OP_WEIGHT), bias = <usize>load<u32>(op + OP_BIAS);
  if (kind == KIND_GEMM) {
    // 0 rows per image, 1 K panels, 2 N panels, 3 epilogue, 4 width (0: not padded), 5 height, 6 bytes per row,
    // 7 offset of the first inner pixel, 8 padded rows, 9 padded columns, 10 top, 11 left
    const rows = word(p, 0) * images, nPanels = word(p, 2);
    let m0 = 0, m1 = rows, n0 = 0, n1 = nPanels;
    if (parts > 1) {
      // Many rows: share rows in fours. Few: share the output panels, so that a single picture uses all threads.
      if (rows >= parts * 8) { m0 = share(rows, 4, part, parts); m1 = share(rows, 4, part + 1, parts); }
      else { n0 = share(nPanels, 1, part, parts); n1 = share(nPanels, 1, part + 1, parts); }
    }
    let residual: usize = 0, rPanel: usize = 0;
    if (word(p, 3) == RESIDUAL) {
      residual = address(plan, op + OP_EXTRA, thread, first);
      rPanel = <usize>word(op + OP_EXTRA, 2);
    }
    const width = word(p, 4), height = word(p, 5);
    if (width > 0) {
      // Every part clears the borders of the planes it may write to; zeros over zeros do no harm.
      const per = width * height;
      for (let n = n0; n < n1; n++) {
        for (let i = m0 / per; i * per < m1; i++) {
          zeroBorder(d + <usize>n * dPanel + <usize>i * dImage, word(p, 8), word(p, 9), word(p, 10), word(p, 11), height, width);
        }
      }
    }
    gemm(m0, m1, n0, n1, word(p, 1), x, xPanel, weight, bias, d + <usize>word(p, 7), dPanel, residual, rPanel,
      word(p, 3), width, height, <usize>word(p, 6), dImage);
  } else if (kind == KIND_DEPTHWISE) {
    // 0 panels, 1 kernel, 2 stride, 3 out height, 4 out width, 5 bytes per padded row, 6 small, 7 top, 8 left, 9 height, 10 width
    const panels = word(p, 0), size = word(p, 1), stride = word(p, 2);
    const mean = address(plan, op + OP_EXTRA, thread, first);
    const meanPanel = <usize>word(op + OP_EXTRA, 2);
    const c0 = share(panels, 1, part, parts), c1 = share(panels, 1, part + 1, parts);
    for (let c = c0; c < c1; c++) {
      const xc = x + <usize>c * xPanel, dc = d + <usize>c * dPanel, mc = mean + <usize>c * meanPanel;
      const f = weight + <usize>(c * size * size) * 32, b = bias + (<usize>c << 5);
      if (word(p, 6)) {
        depthwiseSmall(xc, xImage, f, b, dc, dImage, mc, images, size, stride, word(p, 7), word(p, 8),
          word(p, 9), word(p, 10), word(p, 3), word(p, 4));
      } else {
        for (let i: usize = 0; i < <usize>images; i++) {
          depthwisePlane(xc + i * xImage, <usize>word(p, 5), f, b, dc + i * dImage, mc + (i << 5),
            size, stride, word(p, 3), word(p, 4));
        }
      }
    }
  } else if (kind == KIND_GATE) {
    // 0 panels, 1 pixels; extra: the gate, one value per image and channel
    const gate = address(plan, op + OP_EXTRA, thread, first);
    const gatePanel = <usize>word(op + OP_EXTRA, 2);
    const c0 = share(word(p, 0), 1, part, parts), c1 = share(word(p, 0), 1, part + 1, parts);
    for (let c = c0; c < c1; c++) {
      for (let i: usize = 0; i < <usize>images; i++) {
        gatePlane(d + <usize>c * dPanel + i * dImage, gate + <usize>c * gatePanel + (i << 5), word(p, 1));
      }
    }
  } else if (kind == KIND_MEAN) {
    // 0 panels, 1 pixels
    const c0 = share(word(p, 0), 1, part, parts), c1 = share(word(p, 0), 1, part + 1, parts);
    for (let c = c0; c < c1; c++) {
      for (let i: usize = 0; i < <usize>images; i++) {
        meanPlane(x + <usize>c * xPanel + i * xImage, word(p, 1), d + <usize>c * dPanel + i * dImage);
      }
    }
  } else if (kind == KIND_PATCHES) {
    // 0 height, 1 width, 2 out height, 3 out width, 4 top, 5 left
    const outHeight = word(p, 2), outWidth = word(p, 3);
    const rows = images * outHeight;
    const r0 = share(rows, 1, part, parts), r1 = share(rows, 1, part + 1, parts);
    for (let r = r0; r < r1; r++) {
      const i = r / outHeight;
      patchRow(x + <usize>i * xImage, word(p, 0), word(p, 1), r - i * outHeight, outWidth, word(p, 4), word(p, 5),
        d + (<usize>(r * outWidth) << 5), dPanel);
    }
  } else {
    unreachable();
  }
}

/** Where part `part` of `parts` begins on an axis of `length`, in steps of `grain`. */
function share(length: i32, grain: i32, part: i32, parts: i32): i32 {
  if (part >= parts) return length;
  return min(length, <i32>(<i64>((length + grain - 1) / grain) * part / parts) * grain);
}

/** Runs the whole plan as thread `thread`. Every thread of the plan must call it. */
export function run(plan: usize, thread: i32): void {
  const images = word(plan, 0), segments = word(plan, 1), threads = word(plan, 3);
  let segment = <usize>word(plan, 2);
  for (let s = 0; s < segments; s++) {
    const ops = <usize>word(segment, 1);
    const count = word(segment, 2), tile = word(segment, 3);
    const chunks = tile > 0 ? (images + tile - 1) / tile : word(segment, 4);
    for (;;) {
      const chunk = atomic.add<i32>(segment, 1);
      if (chunk >= chunks) break;
      if (tile > 0) {
        const first = chunk * tile, n = min(tile, images - first);
        for (let o = 0; o < count; o++) runOp(plan, ops + (<usize>o << 7), thread, first, n, 0, 1);
      } else {
        runOp(plan, ops, thread, 0, images, chunk, chunks);
      }
    }
    if (s + 1 < segments && !barrier(plan + 64, threads)) return;
    segment += 64;
  }
}
