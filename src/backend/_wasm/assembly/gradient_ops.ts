// Gradients of convolutions and of squeeze-excite as ops. Numbered lists are the parameters.

import { depthwisePlane, depthwiseSmall } from "./depthwise";
import {
  filterGradientPlane, filterGradientSmall, inputGradientPlane, inputGradientSmall, turnKernel,
} from "./depthwise_gradient";
import { silu } from "./activation";
import { columnSums, gateGradient, siluSlope, transposeBlock, weightGradient } from "./gradients";
import {
  address, images, imageStride, panelsFrom, panelsTo, panelStride, parameter, scratch, SCRATCH_FILTER,
  SCRATCH_KERNEL, SCRATCH_ZEROS, to, weightAddress,
} from "./work";

// 0 rows per image, 1 panels of x, 2 panels of y (value 2), 3 which are shared: 0 those of x, 1 those of y
export function runWeightGradient(): void {
  const rows = parameter(0) * images(), kPanels = parameter(1), nPanels = parameter(2);
  let k0 = 0, k1 = kPanels, n0 = 0, n1 = nPanels;
  if (parameter(3)) { n0 = panelsFrom(nPanels); n1 = panelsTo(nPanels); }
  else { k0 = panelsFrom(kPanels); k1 = panelsTo(kPanels); }
  weightGradient(rows, address(0), panelStride(0), k0, k1, address(2), panelStride(2), n0, n1, weightAddress(), kPanels);
}

// 0 panels, 1 rows per image
export function runColumnSums(): void {
  const x = address(0), xPanel = panelStride(0);
  const c1 = panelsTo(parameter(0));
  for (let c = <usize>panelsFrom(parameter(0)); c < <usize>c1; c++) {
    columnSums(x + c * xPanel, images() * parameter(1), weightAddress() + (c << 5));
  }
}

// 0 K panels, 1 N panels, 2 which are shared: 0 those of K, 1 those of N. Weights [N / 8][K][8] -> value 1, [K / 8][N][8]
export function runTranspose(): void {
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
export function runGateGradient(): void {
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
export function runSilu(): void {
  const x = address(0), d = address(1), xPanel = panelStride(0), dPanel = panelStride(1);
  const c1 = panelsTo(parameter(0));
  for (let c = <usize>panelsFrom(parameter(0)); c < <usize>c1; c++) {
    silu(x + c * xPanel, d + c * dPanel, 1, images() * parameter(1), 0);
  }
}

// 0 panels, 1 pixels; value 0 is changed in place, value 2 is what SiLU was applied to
export function runSiluGradient(): void {
  const y = address(0), x = address(2), yPanel = panelStride(0), xPanel = panelStride(2);
  const c1 = panelsTo(parameter(0));
  for (let c = <usize>panelsFrom(parameter(0)); c < <usize>c1; c++) {
    siluSlope(y + c * yPanel, x + c * xPanel, images() * parameter(1) * 2);
  }
}

// 0 panels, 1 kernel, 2 stride, 3 height, 4 width, 5 bytes per padded row of y, 6 small, 7 top, 8 left, 9 out height,
// 10 out width, 11 offset of y's first inner pixel
export function runInputGradient(): void {
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
export function runFilterGradient(): void {
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
