// Passes over pooled features, and over spans of parameters, as ops. Numbered lists are the parameters.

import { scaleColumns, spreadMean } from "./gradients";
import { adamSpan, averageSpan, sgdSpan, squaresSpan } from "./update";
import {
  address, from, images, imageStride, panelsFrom, panelsTo, panelStride, parameter, parameterAddress, to,
} from "./work";

// 0 panels, 1 pixels, 2 first panel of the shares, 3 add to what is there
export function runSpread(): void {
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
export function runScaleColumns(): void {
  const x = address(0), d = address(1), xPanel = panelStride(0), dPanel = panelStride(1);
  const c1 = panelsTo(parameter(0));
  for (let c = <usize>panelsFrom(parameter(0)); c < <usize>c1; c++) {
    const at = c << 5;
    scaleColumns(x + c * xPanel, parameter(1) ? parameterAddress(1) + at : 0, parameter(2) ? parameterAddress(2) + at : 0,
      parameter(3) ? parameterAddress(3) + at : 0, <usize>parameter(4), images(), d + c * dPanel);
  }
}

// 0 panels. One row of a tensor of tfjs per image.
export function runToRows(): void {
  const x = address(0), d = address(1), xPanel = panelStride(0), row = imageStride(1);
  const c1 = panelsTo(parameter(0));
  for (let c = <usize>panelsFrom(parameter(0)); c < <usize>c1; c++) {
    for (let i: usize = 0; i < <usize>images(); i++) {
      memory.copy(d + i * row + (c << 5), x + c * xPanel + (i << 5), 32);
    }
  }
}

// 0 panels
export function runFromRows(): void {
  const x = address(0), d = address(1), dPanel = panelStride(1), row = imageStride(0);
  const c1 = panelsTo(parameter(0));
  for (let c = <usize>panelsFrom(parameter(0)); c < <usize>c1; c++) {
    for (let i: usize = 0; i < <usize>images(); i++) {
      memory.copy(d + c * dPanel + (i << 5), x + i * row + (c << 5), 32);
    }
  }
}

// 0 spans, 1 number of spans, 2 rule (see update.ts)
export function runSquares(): void {
  const end = <usize>to(parameter(1), 1);
  for (let s = <usize>from(parameter(1), 1); s < end; s++) squaresSpan(parameterAddress(0) + (s << 6));
}

// The same.
export function runUpdate(): void {
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
