// Depthwise convolutions of fewer than eight channels, or with a channel multiplier, run on tensors whose channels
// were repeated and padded to at least eight.
//
// Words: 0 source, 1 target, 2 pixels, 3 channels, 4 multiplier, 5 padded channels, 6 pixels per chunk

import { pointer, word } from "./nhwc_geometry";

/** target[pixel][c * multiplier + m] = source[pixel][c], the rest of the padded channels zero. */
export function expandChannels(p: usize, chunk: i32): void {
  const channels = word(p, 3), multiplier = word(p, 4), padded: usize = <usize>word(p, 5);
  const first = chunk * word(p, 6), end = min(word(p, 2), first + word(p, 6));
  let from = pointer(p, 0) + <usize>first * <usize>channels * 4, d = pointer(p, 1) + <usize>first * padded * 4;
  const rest = (padded - <usize>(channels * multiplier)) << 2;
  for (let i = first; i < end; i++) {
    for (let c = 0; c < channels; c++) {
      const value = load<f32>(from);
      from += 4;
      for (let m = 0; m < multiplier; m++) {
        store<f32>(d, value);
        d += 4;
      }
    }
    for (let o: usize = 0; o < rest; o += 4) store<f32>(d + o, 0);
    d += rest;
  }
}

/** target[pixel][c] = the sum of source[pixel][c * multiplier + m] over m; the padding is left out. */
export function foldChannels(p: usize, chunk: i32): void {
  const channels = word(p, 3), multiplier = word(p, 4), padded: usize = <usize>word(p, 5);
  const first = chunk * word(p, 6), end = min(word(p, 2), first + word(p, 6));
  let from = pointer(p, 0) + <usize>first * padded * 4, d = pointer(p, 1) + <usize>first * <usize>channels * 4;
  const rest = (padded - <usize>(channels * multiplier)) << 2;
  for (let i = first; i < end; i++) {
    for (let c = 0; c < channels; c++) {
      let sum: f32 = load<f32>(from);
      from += 4;
      for (let m = 1; m < multiplier; m++) {
        sum += load<f32>(from);
        from += 4;
      }
      store<f32>(d, sum);
      d += 4;
    }
    from += rest;
  }
}
