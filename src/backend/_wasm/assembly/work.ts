// What an op is told: the layout of a plan's structures, and the share of the work that is asked for.
//
// Layout in memory (32-bit words; src/backend/plan.ts writes it):
//   plan     0 images, 1 segments, 2 address of the segments, 3 threads, 4 arena of thread 0, 5 arena stride,
//            6 shared arena, 7 to 14 tensors that are bound when it runs; from byte 64 the barrier (see sync.ts)
//   segment  0 chunk counter, 1 address of its ops, 2 number of ops, 3 images per chunk (0: not by images),
//            4 chunks, when not by images, 5 panels per chunk (0: the one op shares its own axis); 64 bytes
//   op       see the constants; 256 bytes
// A tensor is four words: place (0 the thread's arena, 1 shared arena, 2 and up a bound tensor), offset, bytes
// from one panel of eight channels to the next, bytes from one image to the next.
//
// An arena begins with SCRATCH_BYTES for whatever an op needs within one panel.

const OP_VALUES: usize = 4;
const OP_WEIGHT: usize = 100;
const OP_BIAS: usize = 104;
const OP_PARAMETERS: usize = 108;

/** Doubles and floats that live for one panel; src/backend/plan_layout.ts leaves the room. */
export const SCRATCH_SUMS: usize = 0; // 16 doubles
export const SCRATCH_COEFFICIENTS: usize = 256; // 4 x 8 floats
export const SCRATCH_ZEROS: usize = 512; // 8 floats
export const SCRATCH_KERNEL: usize = 1024; // up to 25 x 8 floats
export const SCRATCH_FILTER: usize = 2048; // up to 25 x 8 floats
export const SCRATCH_PIXELS: usize = 4096; // 256 x 8 floats

// The work in hand. Every thread has an instance of this module, and so these variables, of its own.
let plan: usize = 0;
let op: usize = 0;
let thread: i32 = 0;
let firstImage: i32 = 0;
let imageCount: i32 = 0;
let part: i32 = 0;
let parts: i32 = 1;
let firstPanel: i32 = 0;
let endPanel: i32 = 0;

/**
 * Chooses what the next op works on: images [first, first + images), and of these either part `which` of `all` of the
 * op's own axis, or panels [p0, p1) where p1 > 0.
 */
export function choose(
  thePlan: usize, theThread: i32, first: i32, images: i32, which: i32, all: i32, p0: i32, p1: i32,
): void {
  plan = thePlan;
  thread = theThread;
  firstImage = first;
  imageCount = images;
  part = which;
  parts = all;
  firstPanel = p0;
  endPanel = p1;
}

/** Turns to the op at `at`. */
export function turnTo(at: usize): void {
  op = at;
}

// @ts-ignore: decorator
@inline
export function word(at: usize, index: i32): i32 {
  return load<i32>(at + (<usize>index << 2));
}

/** Number of the op's kind. */
export function kind(): i32 {
  return word(op, 0);
}

/** Parameter `index` of the op. */
export function parameter(index: i32): i32 {
  return load<i32>(op + OP_PARAMETERS + (<usize>index << 2));
}

/** The same, as an address. */
export function parameterAddress(index: i32): usize {
  return <usize>load<u32>(op + OP_PARAMETERS + (<usize>index << 2));
}

/** The same, as a float. */
export function parameterFloat(index: i32): f32 {
  return load<f32>(op + OP_PARAMETERS + (<usize>index << 2));
}

/** Address of the op's weights. */
export function weightAddress(): usize {
  return <usize>load<u32>(op + OP_WEIGHT);
}

/** Address of the op's bias. */
export function biasAddress(): usize {
  return <usize>load<u32>(op + OP_BIAS);
}

/** Images to work on. */
export function images(): i32 {
  return imageCount;
}

/** The thread's own memory for one panel. */
export function scratch(at: usize): usize {
  return <usize>word(plan, 4) + <usize>thread * <usize>word(plan, 5) + at;
}

/** Values of an op: 0 source, 1 target, 2 extra, 3 and up the others. */
// @ts-ignore: decorator
@inline
function tensor(value: i32): usize {
  return op + OP_VALUES + (<usize>value << 4);
}

/**
 * Address of a value's panel 0 and first image. Values in the thread's own arena start anew with every chunk, be it of
 * images or of panels: of them panel `firstPanel` is the first that exists.
 */
export function address(value: i32): usize {
  const t = tensor(value);
  const place = word(t, 0);
  const offset = <usize>word(t, 1);
  if (place == 0) return scratch(offset) - <usize>firstPanel * <usize>word(t, 2);
  return <usize>word(plan, 5 + place) + offset + <usize>firstImage * <usize>word(t, 3);
}

/** Bytes from one panel of a value to the next. */
export function panelStride(value: i32): usize {
  return <usize>word(tensor(value), 2);
}

/** Bytes from one image of a value to the next. */
export function imageStride(value: i32): usize {
  return <usize>word(tensor(value), 3);
}

/** Whether the op's own axis is shared. */
export function isShared(): bool {
  return parts > 1;
}

/** Whether panels were given. */
export function isByPanels(): bool {
  return endPanel > 0;
}

/** How many share the op's own axis. */
export function shares(): i32 {
  return parts;
}

/** First of `panels` to work on. */
export function panelsFrom(panels: i32): i32 {
  return endPanel > 0 ? firstPanel : from(panels, 1);
}

/** End of the panels to work on. */
export function panelsTo(panels: i32): i32 {
  return endPanel > 0 ? endPanel : to(panels, 1);
}

/** Where this part of an axis of `length` begins, in steps of `grain`. */
export function from(length: i32, grain: i32): i32 {
  return boundary(length, grain, part);
}

/** Where it ends. */
export function to(length: i32, grain: i32): i32 {
  return boundary(length, grain, part + 1);
}

function boundary(length: i32, grain: i32, at: i32): i32 {
  if (at >= parts) return length;
  return min(length, <i32>(<i64>((length + grain - 1) / grain) * at / parts) * grain);
}
