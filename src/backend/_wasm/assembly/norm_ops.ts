// Batch norm as ops, forward and backward. Numbered lists are the parameters.

import {
  coefficientsOfBatch, coefficientsOfRunning, gradientCoefficients, linearGradient, linearOfNorm, normGradient,
  siluGradient, siluOfNorm, SPAN,
} from "./batch_norm";
import { zeroBorder } from "./depthwise";
import {
  address, from, images, imageStride, panelsFrom, panelsTo, panelStride, parameter, parameterAddress,
  parameterFloat, scratch, SCRATCH_COEFFICIENTS, SCRATCH_SUMS, to,
} from "./work";

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
export function runNorm(): void {
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
export function runNormGradient(): void {
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
