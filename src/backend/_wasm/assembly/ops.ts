// Ops of the forward pass: what each kind reads and writes, and how it is shared. Kinds are those of
// src/backend/ops/op.ts; those of training are in train_ops.ts.

import { depthwisePlane, depthwiseSmall, zeroBorder } from "./depthwise";
import { gemm, RESIDUAL } from "./gemm";
import { gatePlane, meanPlane, patchRow } from "./planes";
import { runTrainOp } from "./train_ops";
import {
  address, biasAddress, from, images, imageStride, isByPanels, isShared, kind, panelsFrom, panelsTo, panelStride,
  parameter, scratch, SCRATCH_PIXELS, SCRATCH_ZEROS, shares, to, weightAddress,
} from "./work";

const KIND_PATCHES: i32 = 0;
const KIND_GEMM: i32 = 1;
const KIND_DEPTHWISE: i32 = 2;
const KIND_GATE: i32 = 3;
const KIND_MEAN: i32 = 4;

/** Runs the op that was turned to. */
export function runOp(): void {
  switch (kind()) {
    case KIND_PATCHES: return runPatches();
    case KIND_GEMM: return runGemm();
    case KIND_DEPTHWISE: return runDepthwise();
    case KIND_GATE: return runGate();
    case KIND_MEAN: return runMean();
    default: return runTrainOp();
  }
}

/** Eight zeros: the bias of what has none. */
function zeros(): usize {
  const at = scratch(SCRATCH_ZEROS);
  v128.store(at, i32x4.splat(0));
  v128.store(at, i32x4.splat(0), 16);
  return at;
}

// Fewer rows than this for each part: share the output panels instead, so that a single picture uses all threads and
// a small matrix is not passed over by every part.
const ROWS_PER_PART: i32 = 8;

// 0 rows per image, 1 K panels, 2 N panels, 3 epilogue, 4 width (0: not padded), 5 height, 6 bytes per row,
// 7 offset of the first inner pixel, 8 padded rows, 9 padded columns, 10 top, 11 left,
// 12 weights are value 3
function runGemm(): void {
  const rows = parameter(0) * images(), nPanels = parameter(2);
  let m0 = 0, m1 = rows, n0 = 0, n1 = nPanels;
  if (isByPanels()) { n0 = panelsFrom(nPanels); n1 = panelsTo(nPanels); }
  else if (isShared()) {
    if (rows >= shares() * ROWS_PER_PART) { m0 = from(rows, 4); m1 = to(rows, 4); }
    else { n0 = panelsFrom(nPanels); n1 = panelsTo(nPanels); }
  }
  const x = address(0), d = address(1), dPanel = panelStride(1), dImage = imageStride(1);
  let residual: usize = 0, rPanel: usize = 0;
  if (parameter(3) == RESIDUAL) {
    residual = address(2);
    rPanel = panelStride(2);
  }
  const width = parameter(4), height = parameter(5);
  if (width > 0) {
    // Every part clears the borders of the planes it may write to; zeros over zeros do no harm.
    const per = width * height;
    for (let n = n0; n < n1; n++) {
      for (let i = m0 / per; i * per < m1; i++) {
        zeroBorder(d + <usize>n * dPanel + <usize>i * dImage, parameter(8), parameter(9), parameter(10), parameter(11), height, width);
      }
    }
  }
  const packed = parameter(12) != 0;
  const weight = packed ? address(3) : weightAddress();
  const biased = biasAddress() != 0;
  gemm(m0, m1, n0, n1, parameter(1), x, panelStride(0),
    weight, packed ? panelStride(3) : <usize>parameter(1) << 8, biased ? biasAddress() : zeros(), biased ? 32 : 0,
    d + <usize>parameter(7), dPanel, residual, rPanel, parameter(3), width, height, <usize>parameter(6), dImage,
    scratch(SCRATCH_PIXELS));
}

// 0 panels, 1 kernel, 2 stride, 3 out height, 4 out width, 5 bytes per padded row, 6 small, 7 top, 8 left, 9 height,
// 10 width, 11 linear: no bias, no SiLU, no means
function runDepthwise(): void {
  const panels = parameter(0), size = parameter(1), stride = parameter(2);
  const linear = parameter(11) != 0;
  const x = address(0), d = address(1), mean = linear ? 0 : address(2);
  const xPanel = panelStride(0), dPanel = panelStride(1), meanPanel = linear ? 0 : panelStride(2);
  const xImage = imageStride(0), dImage = imageStride(1);
  const none = zeros();
  const c1 = panelsTo(panels);
  for (let c = panelsFrom(panels); c < c1; c++) {
    const xc = x + <usize>c * xPanel, dc = d + <usize>c * dPanel, mc = mean + <usize>c * meanPanel;
    const f = weightAddress() + <usize>(c * size * size) * 32, b = linear ? none : biasAddress() + (<usize>c << 5);
    if (parameter(6)) {
      depthwiseSmall(xc, xImage, f, b, dc, dImage, mc, images(), size, stride, parameter(7), parameter(8),
        parameter(9), parameter(10), parameter(3), parameter(4));
    } else {
      for (let i: usize = 0; i < <usize>images(); i++) {
        depthwisePlane(xc + i * xImage, <usize>parameter(5), f, b, dc + i * dImage, linear ? 0 : mc + (i << 5),
          size, stride, parameter(3), parameter(4));
      }
    }
  }
}

// 0 panels, 1 pixels; extra: the gate, one value per image and channel
function runGate(): void {
  const panels = parameter(0);
  const x = address(0), d = address(1), gate = address(2);
  const xPanel = panelStride(0), dPanel = panelStride(1), gatePanel = panelStride(2);
  const xImage = imageStride(0), dImage = imageStride(1);
  const c1 = panelsTo(panels);
  for (let c = <usize>panelsFrom(panels); c < <usize>c1; c++) {
    for (let i: usize = 0; i < <usize>images(); i++) {
      gatePlane(x + c * xPanel + i * xImage, gate + c * gatePanel + (i << 5), parameter(1), d + c * dPanel + i * dImage);
    }
  }
}

// 0 panels, 1 pixels, 2 first panel of the target
function runMean(): void {
  const panels = parameter(0);
  const x = address(0), d = address(1) + <usize>parameter(2) * panelStride(1);
  const xPanel = panelStride(0), dPanel = panelStride(1);
  const xImage = imageStride(0), dImage = imageStride(1);
  const c1 = panelsTo(panels);
  for (let c = <usize>panelsFrom(panels); c < <usize>c1; c++) {
    for (let i: usize = 0; i < <usize>images(); i++) {
      meanPlane(x + c * xPanel + i * xImage, parameter(1), d + c * dPanel + i * dImage);
    }
  }
}

// 0 height, 1 width, 2 out height, 3 out width, 4 top, 5 left
function runPatches(): void {
  const outHeight = parameter(2), outWidth = parameter(3);
  const rows = images() * outHeight;
  const x = address(0), d = address(1), dPanel = panelStride(1), xImage = imageStride(0);
  const r1 = to(rows, 1);
  for (let r = from(rows, 1); r < r1; r++) {
    const i = r / outHeight;
    patchRow(x + <usize>i * xImage, parameter(0), parameter(1), r - i * outHeight, outWidth, parameter(4), parameter(5),
      d + (<usize>(r * outWidth) << 5), dPanel);
  }
}
