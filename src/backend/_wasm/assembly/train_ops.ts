// Ops of training: what each kind reads and writes. Nearly all of them work panel by panel, so that a thread takes a
// panel through a whole chain of them while it is in the cache (see work.ts). Numbered lists are the parameters.

import {
  coefficientsOfBatch, coefficientsOfRunning, gradientCoefficients, linearGradient, linearOfNorm, normGradient,
  siluGradient, siluOfNorm, SPAN,
} from "./batch_norm";
import { depthwisePlane, depthwiseSmall, zeroBorder } from "./depthwise";
import {
  filterGradientPlane, filterGradientSmall, inputGradientPlane, inputGradientSmall, turnKernel,
} from "./depthwise_gradient";
import {
  columnSums, gateGradient, scaleColumns, siluCopy, siluSlope, spreadMean, transposeBlock, weightGradient,
} from "./gradients";
import { adamSpan, averageSpan, sgdSpan, squaresSpan } from "./update";
import {
  address, from, images, imageStride, kind, panelsFrom, panelsTo, panelStride, parameter, parameterAddress,
  parameterFloat, scratch, SCRATCH_COEFFICIENTS, SCRATCH_FILTER, SCRATCH_KERNEL, SCRATCH_SUMS, SCRATCH_ZEROS, to,
  weightAddress,
} from "./work";

const KIND_NORM: i32 = 5;
const KIND_NORM_GRADIENT: i32 = 6;
const KIND_WEIGHT_GRADIENT: i32 = 7;
const KIND_COLUMN_SUMS: i32 = 8;
const KIND_TRANSPOSE: i32 = 9;
const KIND_GATE_GRADIENT: i32 = 10;
const KIND_SILU: i32 = 11;
const KIND_SILU_GRADIENT: i32 = 12;
const KIND_INPUT_GRADIENT: i32 = 13;
const KIND_FILTER_GRADIENT: i32 = 14;
const KIND_SPREAD: i32 = 15;
const KIND_SCALE_COLUMNS: i32 = 16;
const KIND_TO_ROWS: i32 = 17;
const KIND_FROM_ROWS: i32 = 18;
const KIND_SQUARES: i32 = 19;
const KIND_UPDATE: i32 = 20;

/** Runs the op that was turned to. */
export function runTrainOp(): void {
  switch (kind()) {
    case KIND_NORM: return runNorm();
    case KIND_NORM_GRADIENT: return runNormGradient();
    case KIND_WEIGHT_GRADIENT: return runWeightGradient();
    case KIND_COLUMN_SUMS: return runColumnSums();
    case KIND_TRANSPOSE: return runTranspose();
    case KIND_GATE_GRADIENT: return runGateGradient();
    case KIND_SILU: return runSilu();
    case KIND_SILU_GRADIENT: return runSiluGradient();
    case KIND_INPUT_GRADIENT: return runInputGradient();
    case KIND_FILTER_GRADIENT: return runFilterGradient();
    case KIND_SPREAD: return runSpread();
    case KIND_SCALE_COLUMNS: return runScaleColumns();
    case KIND_TO_ROWS: return runToRows();
    case KIND_FROM_ROWS: return runFromRows();
    case KIND_SQUARES: return runSquares();
    case KIND_UPDATE: return runUpdate();
    default: unreachable();
  }
}

/** Zeros around the planes of one panel, where parameters 5 to 8 (padded rows, columns, top, left) tell of any. */
function clearBorders(plane: usize, image: usize, height: i32, width: i32): void {
  if (parameter(5) == 0) return;
  for (let i: usize = 0; i < <usize>images(); i++) {
    zeroBorder(plane + i * image, parameter(5), parameter(6), parameter(7), parameter(8), height, width);
  }
}

// 0 panels, 1 height, 2 width, 3 bytes per padded row, 4 offset of the first inner pixel, 5 padded rows (0: none),
// 6 padded columns, 7 top, 8 left, 9 statistics (0 batch, 1 running, 2 as they are), 10 SiLU, 11 gamma, 12 beta,
// 13 running mean, 14 running variance, 15 coefficients, 16 momentum, 17 epsilon, 18 factors, 19 residual is value 2
function runNorm(): void {
  const height = parameter(1), width = parameter(2), pixels = height * width;
  const rows = images() * pixels;
  const x = address(0), y = address(1), residual = parameter(19) ? address(2) : 0;
  const xPanel = panelStride(0), yPanel = panelStride(1), rPanel = parameter(19) ? panelStride(2) : 0;
  const yImage = imageStride(1);
  const c1 = panelsTo(parameter(0));
  for (let c = <usize>panelsFrom(parameter(0)); c < <usize>c1; c++) {
    const xc = x + c * xPanel, yc = y + c * yPanel, table = parameterAddress(15) + (c << 7), at = c << 5;
    if (parameter(9) == 0) {
      coefficientsOfBatch(xc, rows, parameterAddress(11) + at, parameterAddress(12) + at, parameterAddress(13) + at,
        parameterAddress(14) + at, parameterFloat(16), parameterFloat(17), table, scratch(SCRATCH_SUMS));
    } else if (parameter(9) == 1) {
      coefficientsOfRunning(parameterAddress(11) + at, parameterAddress(12) + at, parameterAddress(13) + at,
        parameterAddress(14) + at, parameterFloat(17), table);
    }
    if (parameter(10) == 0) {
      linearOfNorm(xc, images(), pixels, yc, residual ? residual + c * rPanel : 0, parameterAddress(18), table);
    } else if (parameter(5)) {
      clearBorders(yc, yImage, height, width);
      siluOfNorm(xc, images(), height, width, yc + <usize>parameter(4), <usize>parameter(3), yImage, table);
    } else {
      siluOfNorm(xc, 1, 1, rows, yc, 0, 0, table);
    }
  }
}

// 0 panels, 1 height, 2 width, 3 to 8 as above for dx, 9 by batch, 10 SiLU, 11 gradient of gamma or 0, 12 of beta,
// 13 coefficients, 14 factors, 15 gate and share are values 3 and 4
function runNormGradient(): void {
  const height = parameter(1), width = parameter(2), pixels = height * width;
  const rows = images() * pixels;
  const dy = address(0), dx = address(1), x = address(2);
  const yPanel = panelStride(0), dPanel = panelStride(1), xPanel = panelStride(2), dImage = imageStride(1);
  const gated = parameter(15) != 0;
  const gate = gated ? address(3) : 0, share = gated ? address(4) : 0;
  const gatePanel = gated ? panelStride(3) : 0, sharePanel = gated ? panelStride(4) : 0;
  const sums = scratch(SCRATCH_SUMS), coefficients = scratch(SCRATCH_COEFFICIENTS);
  const inverse: f32 = 1.0 / <f32>pixels;
  const factors = parameterAddress(14);
  const c1 = panelsTo(parameter(0));
  for (let c = <usize>panelsFrom(parameter(0)); c < <usize>c1; c++) {
    const dyc = dy + c * yPanel, xc = x + c * xPanel, dxc = dx + c * dPanel;
    const table = parameterAddress(13) + (c << 7);
    memory.fill(sums, 0, 128);
    if (pixels < SPAN) {
      // Whole images, as many as one span holds.
      const together = SPAN / pixels;
      for (let i = 0; i < images(); i += together) {
        const n = min(together, images() - i);
        gradientSpan(dyc, xc, i * pixels, i, n, pixels, gate, c * gatePanel, share, c * sharePanel, inverse, factors, table, sums);
      }
    } else {
      for (let i = 0; i < images(); i++) {
        for (let p = 0; p < pixels; p += SPAN) {
          gradientSpan(dyc, xc, i * pixels + p, i, 1, min(SPAN, pixels - p), gate, c * gatePanel, share, c * sharePanel, inverse, factors, table, sums);
        }
      }
    }
    const at = c << 5;
    gradientCoefficients(sums, rows, table, parameter(9) != 0, parameter(11) ? parameterAddress(11) + at : 0,
      parameterAddress(12) + at, coefficients);
    if (parameter(5)) {
      clearBorders(dxc, dImage, height, width);
      normGradient(dyc, xc, images(), height, width, dxc + <usize>parameter(4), <usize>parameter(3), dImage, factors, coefficients);
    } else {
      normGradient(dyc, xc, images(), 1, pixels, dxc, 0, dImage, factors, coefficients);
    }
  }
}

/** The sums of one span, `first` pixels into the panel, from image `image` on. */
function gradientSpan(
  dy: usize, x: usize, first: i32, image: i32, count: i32, pixels: i32, gate: usize, gateOffset: usize,
  share: usize, shareOffset: usize, inverse: f32, factors: usize, table: usize, sums: usize,
): void {
  const at = <usize>first << 5, one = <usize>image << 5;
  if (parameter(10)) {
    siluGradient(dy + at, x + at, count, pixels, gate ? gate + gateOffset + one : 0, gate ? share + shareOffset + one : 0,
      inverse, table, sums);
  } else {
    linearGradient(dy + at, x + at, count, pixels, factors ? factors + (<usize>image << 2) : 0, table, sums);
  }
}

// 0 rows per image, 1 panels of x, 2 panels of y (value 2), 3 which are shared: 0 those of x, 1 those of y
function runWeightGradient(): void {
  const rows = parameter(0) * images(), kPanels = parameter(1), nPanels = parameter(2);
  let k0 = 0, k1 = kPanels, n0 = 0, n1 = nPanels;
  if (parameter(3)) { n0 = panelsFrom(nPanels); n1 = panelsTo(nPanels); }
  else { k0 = panelsFrom(kPanels); k1 = panelsTo(kPanels); }
  weightGradient(rows, address(0), panelStride(0), k0, k1, address(2), panelStride(2), n0, n1, weightAddress(), kPanels);
}

// 0 panels, 1 rows per image
function runColumnSums(): void {
  const x = address(0), xPanel = panelStride(0);
  const c1 = panelsTo(parameter(0));
  for (let c = <usize>panelsFrom(parameter(0)); c < <usize>c1; c++) {
    columnSums(x + c * xPanel, images() * parameter(1), weightAddress() + (c << 5));
  }
}

// 0 K panels, 1 N panels, 2 which are shared: 0 those of K, 1 those of N. Weights [N / 8][K][8] -> value 1, [K / 8][N][8]
function runTranspose(): void {
  const kPanels = parameter(0), nPanels = parameter(1), byN = parameter(2) != 0;
  const d = address(1), dPanel = panelStride(1);
  const p1 = panelsTo(byN ? nPanels : kPanels), others = byN ? kPanels : nPanels;
  for (let p = panelsFrom(byN ? nPanels : kPanels); p < p1; p++) {
    for (let q = 0; q < others; q++) {
      const k = byN ? q : p, n = byN ? p : q;
      transposeBlock(weightAddress() + (<usize>(n * kPanels + k) << 8), d + <usize>k * dPanel + (<usize>n << 8));
    }
  }
}

// 0 panels, 1 pixels; value 0: gradient of what was gated, 2: what was gated, 3: the gate
function runGateGradient(): void {
  const y = address(0), d = address(1), x = address(2), gate = address(3);
  const yPanel = panelStride(0), dPanel = panelStride(1), xPanel = panelStride(2), gatePanel = panelStride(3);
  const yImage = imageStride(0), xImage = imageStride(2);
  const c1 = panelsTo(parameter(0));
  for (let c = <usize>panelsFrom(parameter(0)); c < <usize>c1; c++) {
    for (let i: usize = 0; i < <usize>images(); i++) {
      gateGradient(y + c * yPanel + i * yImage, x + c * xPanel + i * xImage, parameter(1), gate + c * gatePanel + (i << 5),
        d + c * dPanel + (i << 5));
    }
  }
}

// 0 panels, 1 pixels
function runSilu(): void {
  const x = address(0), d = address(1), xPanel = panelStride(0), dPanel = panelStride(1);
  const c1 = panelsTo(parameter(0));
  for (let c = <usize>panelsFrom(parameter(0)); c < <usize>c1; c++) {
    siluCopy(x + c * xPanel, images() * parameter(1) * 2, d + c * dPanel);
  }
}

// 0 panels, 1 pixels; value 0 is changed in place, value 2 is what SiLU was applied to
function runSiluGradient(): void {
  const y = address(0), x = address(2), yPanel = panelStride(0), xPanel = panelStride(2);
  const c1 = panelsTo(parameter(0));
  for (let c = <usize>panelsFrom(parameter(0)); c < <usize>c1; c++) {
    siluSlope(y + c * yPanel, x + c * xPanel, images() * parameter(1) * 2);
  }
}

// 0 panels, 1 kernel, 2 stride, 3 height, 4 width, 5 bytes per padded row of y, 6 small, 7 top, 8 left, 9 out height,
// 10 out width, 11 offset of y's first inner pixel
function runInputGradient(): void {
  const size = parameter(1), taps = size * size, stride = parameter(2);
  const height = parameter(3), width = parameter(4), top = parameter(7), left = parameter(8);
  const outHeight = parameter(9), outWidth = parameter(10);
  const y = address(0), d = address(1), yPanel = panelStride(0), dPanel = panelStride(1);
  const yImage = imageStride(0), dImage = imageStride(1);
  const turned = scratch(SCRATCH_KERNEL), zeros = scratch(SCRATCH_ZEROS);
  v128.store(zeros, i32x4.splat(0));
  v128.store(zeros, i32x4.splat(0), 16);
  const c1 = panelsTo(parameter(0));
  for (let c = <usize>panelsFrom(parameter(0)); c < <usize>c1; c++) {
    const yc = y + c * yPanel, dc = d + c * dPanel, kernel = weightAddress() + c * (<usize>taps << 5);
    if (stride == 1) {
      turnKernel(kernel, taps, turned);
      if (parameter(6)) {
        depthwiseSmall(yc, yImage, turned, zeros, dc, dImage, 0, images(), size, 1, size - 1 - top, size - 1 - left,
          outHeight, outWidth, height, width);
        continue;
      }
      for (let i: usize = 0; i < <usize>images(); i++) {
        depthwisePlane(yc + i * yImage, <usize>parameter(5), turned, zeros, dc + i * dImage, 0, size, 1, height, width);
      }
    } else if (parameter(6)) {
      inputGradientSmall(yc, yImage, kernel, dc, dImage, images(), size, top, left, height, width, outHeight, outWidth);
    } else {
      const inner = yc + <usize>parameter(11);
      for (let i: usize = 0; i < <usize>images(); i++) {
        inputGradientPlane(inner + i * yImage, <usize>parameter(5), kernel, dc + i * dImage, size, top, left,
          height, width, outHeight, outWidth);
      }
    }
  }
}

// 0 panels, 1 kernel, 2 stride, 3 out height, 4 out width, 5 bytes per padded row of x, 6 small, 7 top, 8 left,
// 9 height, 10 width, 11 bytes per padded row of y (value 2), 12 offset of y's first inner pixel
function runFilterGradient(): void {
  const size = parameter(1), taps = size * size, stride = parameter(2);
  const outHeight = parameter(3), outWidth = parameter(4);
  const x = address(0), y = address(2), xPanel = panelStride(0), yPanel = panelStride(2);
  const xImage = imageStride(0), yImage = imageStride(2);
  const ofImage = scratch(SCRATCH_FILTER), bytes: usize = <usize>taps << 5;
  const c1 = panelsTo(parameter(0));
  for (let c = <usize>panelsFrom(parameter(0)); c < <usize>c1; c++) {
    const xc = x + c * xPanel, yc = y + c * yPanel, f = weightAddress() + c * bytes;
    if (parameter(6)) {
      filterGradientSmall(xc, xImage, yc, yImage, images(), size, stride, parameter(7), parameter(8),
        parameter(9), parameter(10), outHeight, outWidth, f);
      continue;
    }
    memory.fill(f, 0, bytes);
    for (let i: usize = 0; i < <usize>images(); i++) {
      memory.fill(ofImage, 0, bytes);
      filterGradientPlane(xc + i * xImage, <usize>parameter(5), yc + <usize>parameter(12) + i * yImage, <usize>parameter(11),
        size, stride, outHeight, outWidth, ofImage);
      for (let o: usize = 0; o < bytes; o += 16) {
        v128.store(f + o, f32x4.add(v128.load(f + o), v128.load(ofImage + o)));
      }
    }
  }
}

// 0 panels, 1 pixels, 2 first panel of the shares, 3 add to what is there
function runSpread(): void {
  const s = address(0) + <usize>parameter(2) * panelStride(0), d = address(1);
  const sPanel = panelStride(0), dPanel = panelStride(1), dImage = imageStride(1);
  const c1 = panelsTo(parameter(0));
  for (let c = <usize>panelsFrom(parameter(0)); c < <usize>c1; c++) {
    for (let i: usize = 0; i < <usize>images(); i++) {
      spreadMean(s + c * sPanel + (i << 5), parameter(1), d + c * dPanel + i * dImage, parameter(3) != 0);
    }
  }
}

// 0 panels, 1 factors or 0, 2 offsets or 0, 3 mask or 0, 4 bytes per row of the mask
function runScaleColumns(): void {
  const x = address(0), d = address(1), xPanel = panelStride(0), dPanel = panelStride(1);
  const c1 = panelsTo(parameter(0));
  for (let c = <usize>panelsFrom(parameter(0)); c < <usize>c1; c++) {
    const at = c << 5;
    scaleColumns(x + c * xPanel, parameter(1) ? parameterAddress(1) + at : 0, parameter(2) ? parameterAddress(2) + at : 0,
      parameter(3) ? parameterAddress(3) + at : 0, <usize>parameter(4), images(), d + c * dPanel);
  }
}

// 0 panels. One row of a tensor of tfjs per image.
function runToRows(): void {
  const x = address(0), d = address(1), xPanel = panelStride(0), row = imageStride(1);
  const c1 = panelsTo(parameter(0));
  for (let c = <usize>panelsFrom(parameter(0)); c < <usize>c1; c++) {
    for (let i: usize = 0; i < <usize>images(); i++) {
      memory.copy(d + i * row + (c << 5), x + c * xPanel + (i << 5), 32);
    }
  }
}

// 0 panels
function runFromRows(): void {
  const x = address(0), d = address(1), dPanel = panelStride(1), row = imageStride(0);
  const c1 = panelsTo(parameter(0));
  for (let c = <usize>panelsFrom(parameter(0)); c < <usize>c1; c++) {
    for (let i: usize = 0; i < <usize>images(); i++) {
      memory.copy(d + c * dPanel + (i << 5), x + i * row + (c << 5), 32);
    }
  }
}

// 0 spans, 1 number of spans, 2 rule (see update.ts)
function runSquares(): void {
  const end = <usize>to(parameter(1), 1);
  for (let s = <usize>from(parameter(1), 1); s < end; s++) squaresSpan(parameterAddress(0) + (s << 6));
}

// The same.
function runUpdate(): void {
  const rule = parameterAddress(2);
  const isSgd = load<f32>(rule) != 0;
  const end = <usize>to(parameter(1), 1);
  for (let s = <usize>from(parameter(1), 1); s < end; s++) {
    const span = parameterAddress(0) + (s << 6);
    if (isSgd) sgdSpan(span, rule);
    else adamSpan(span, rule);
    if (load<u32>(span, 32)) averageSpan(span, rule);
  }
}
