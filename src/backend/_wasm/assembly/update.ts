// Steps of the optimizers over spans of parameters, as torch.optim computes them, and the sums of squares that a
// gradient's norm is made of.
//
// A span is 16 words: 0 value, 1 gradient, 2 first moment, 3 second moment, 4 floats, 5 learning rate, 6 weight decay,
// 7 start or 0, 8 average or 0, 9 where its sum of squares goes (a double). Rates and decays are floats, set before
// each run.
//
// The rule is 16 floats: 0 kind (0 Adam, 1 SGD), 1 gradient scale, 2 beta1 or momentum, 3 beta2 or dampening,
// 4 epsilon, 5 1 / (1 - beta1^t), 6 1 / sqrt(1 - beta2^t), 7 decoupled or nesterov, 8 first step, 9 L2-SP strength,
// 10 decay of the average, 11 to 13 what 2, 3 and 10 leave of one (rounded once: 1 - 0.999f is 5e-5 off).

import { madd } from "./math";

// @ts-ignore: decorator
@inline
function splatAt(at: usize, index: i32): v128 {
  return v128.load32_splat(at + (<usize>index << 2));
}

/** Gradient of one vector with clipping, L2-SP and (coupled) decay. */
// @ts-ignore: decorator
@inline
function slope(g: v128, w: v128, scale: v128, decay: v128, start: usize, pull: v128): v128 {
  let s = madd(decay, w, f32x4.mul(g, scale));
  if (start) s = madd(pull, f32x4.sub(w, v128.load(start)), s);
  return s;
}

/** Adam and AdamW. */
export function adamSpan(span: usize, rule: usize): void {
  let w = <usize>load<u32>(span), g = <usize>load<u32>(span, 4), m = <usize>load<u32>(span, 8), v = <usize>load<u32>(span, 12);
  let start = <usize>load<u32>(span, 28);
  const rate: f32 = load<f32>(span, 20), decay: f32 = load<f32>(span, 24);
  const decoupled = load<f32>(rule, 28) != 0;
  const scale = splatAt(rule, 1), b1 = splatAt(rule, 2), b2 = splatAt(rule, 3), epsilon = splatAt(rule, 4);
  const rest1 = splatAt(rule, 11), rest2 = splatAt(rule, 12);
  const step = f32x4.splat(-rate * load<f32>(rule, 20)), root = splatAt(rule, 6);
  const shrink = f32x4.splat(decoupled ? 1 - rate * decay : 1), coupled = f32x4.splat(decoupled ? 0 : decay);
  const pull = splatAt(rule, 9);
  for (let i = load<i32>(span, 16); i > 0; i -= 4) {
    const old = v128.load(w);
    const s = slope(v128.load(g), old, scale, coupled, start, pull);
    const mean = madd(b1, v128.load(m), f32x4.mul(rest1, s));
    const square = madd(b2, v128.load(v), f32x4.mul(rest2, f32x4.mul(s, s)));
    v128.store(m, mean);
    v128.store(v, square);
    const size = f32x4.div(mean, madd(f32x4.sqrt(square), root, epsilon));
    v128.store(w, madd(step, size, f32x4.mul(old, shrink)));
    w += 16; g += 16; m += 16; v += 16;
    if (start) start += 16;
  }
}

/** Stochastic gradient descent with momentum. */
export function sgdSpan(span: usize, rule: usize): void {
  let w = <usize>load<u32>(span), g = <usize>load<u32>(span, 4), m = <usize>load<u32>(span, 8);
  let start = <usize>load<u32>(span, 28);
  const first = load<f32>(rule, 32) != 0, nesterov = load<f32>(rule, 28) != 0;
  const rate = f32x4.splat(-load<f32>(span, 20)), decay = splatAt(span, 6), scale = splatAt(rule, 1);
  const momentum = splatAt(rule, 2), rest = splatAt(rule, 12), pull = splatAt(rule, 9);
  for (let i = load<i32>(span, 16); i > 0; i -= 4) {
    const old = v128.load(w);
    const s = slope(v128.load(g), old, scale, decay, start, pull);
    const buffer = first ? s : madd(momentum, v128.load(m), f32x4.mul(rest, s));
    v128.store(m, buffer);
    v128.store(w, madd(rate, nesterov ? madd(momentum, buffer, s) : buffer, old));
    w += 16; g += 16; m += 16;
    if (start) start += 16;
  }
}

/** average = decay * average + (1 - decay) * value. */
export function averageSpan(span: usize, rule: usize): void {
  let w = <usize>load<u32>(span), a = <usize>load<u32>(span, 32);
  const keep = splatAt(rule, 10), rest = splatAt(rule, 13);
  for (let i = load<i32>(span, 16); i > 0; i -= 4) {
    v128.store(a, madd(keep, v128.load(a), f32x4.mul(rest, v128.load(w))));
    w += 16; a += 16;
  }
}

/** Stores the sum of squares of the span's gradient. Spans are short enough for floats within four lanes. */
export function squaresSpan(span: usize): void {
  let g = <usize>load<u32>(span, 4);
  let a = i32x4.splat(0), b = a;
  let i = load<i32>(span, 16);
  for (; i >= 8; i -= 8) {
    const x = v128.load(g), y = v128.load(g, 16);
    a = madd(x, x, a);
    b = madd(y, y, b);
    g += 32;
  }
  if (i > 0) { const x = v128.load(g); a = madd(x, x, a); }
  a = f32x4.add(a, b);
  const sum = f64x2.add(f64x2.promote_low_f32x4(a), f64x2.promote_low_f32x4(v128.shuffle<i64>(a, a, 1, 1)));
  store<f64>(<usize>load<u32>(span, 36), f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1));
}
