// Runs a task: one step of a kernel of tfjs, shared by all threads through a chunk counter.
//
// Layout in memory (32-bit words; src/backend/tfjs_kernels/task.ts writes it):
//   task   0 chunk counter, 1 chunks, 2 kind, 3 scratch of thread 0, 4 bytes from one thread's scratch to the next;
//          from byte 64 the parameters: the geometry (nhwc_geometry.ts), then what the kind's own file lists
// The pool tells a task from a plan by its address, which is odd: see pool.ts.

import { accumulateFilter, reduceFilter } from "./nhwc_conv_filter";
import { convolveInput, packFilter } from "./nhwc_conv_input";
import { expandChannels, foldChannels } from "./nhwc_channels";
import { accumulateDepthwise, depthwiseInput, reduceDepthwise } from "./nhwc_depthwise";

const PARAMETERS: usize = 64;

const PACK_FILTER: i32 = 0;
const CONVOLVE_INPUT: i32 = 1;
const ACCUMULATE_FILTER: i32 = 2;
const REDUCE_FILTER: i32 = 3;
const DEPTHWISE_INPUT: i32 = 4;
const ACCUMULATE_DEPTHWISE: i32 = 5;
const REDUCE_DEPTHWISE: i32 = 6;
const EXPAND_CHANNELS: i32 = 7;
const FOLD_CHANNELS: i32 = 8;

/** Runs chunks of the task at `task` until none is left. */
export function runTask(task: usize, thread: i32): void {
  const chunks = load<i32>(task, 4), kind = load<i32>(task, 8);
  const scratch = <usize>load<u32>(task, 12) + <usize>thread * <usize>load<u32>(task, 16);
  const p = task + PARAMETERS;
  for (;;) {
    const chunk = atomic.add<i32>(task, 1);
    if (chunk >= chunks) return;
    if (kind == CONVOLVE_INPUT) convolveInput(p, scratch, chunk);
    else if (kind == ACCUMULATE_FILTER) accumulateFilter(p, scratch, chunk);
    else if (kind == DEPTHWISE_INPUT) depthwiseInput(p, chunk);
    else if (kind == ACCUMULATE_DEPTHWISE) accumulateDepthwise(p, chunk);
    else if (kind == PACK_FILTER) packFilter(p, chunk);
    else if (kind == REDUCE_FILTER) reduceFilter(p, chunk);
    else if (kind == REDUCE_DEPTHWISE) reduceDepthwise(p, chunk);
    else if (kind == EXPAND_CHANNELS) expandChannels(p, chunk);
    else if (kind == FOLD_CHANNELS) foldChannels(p, chunk);
    else unreachable();
  }
}
