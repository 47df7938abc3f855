// Runs a plan: segments of ops, every thread the same program, work shared by chunk counters (see work.ts).

import { runOp } from "./ops";
import { barrier } from "./sync";
import { choose, turnTo, word } from "./work";

/** Bytes of a segment and, as a power of two, of an op. */
const SEGMENT_BYTES: usize = 64;
const OP_SHIFT: usize = 8;

/** Runs the whole plan as thread `thread`. Every thread of the plan must call it. */
export function run(plan: usize, thread: i32): void {
  const images = word(plan, 0), segments = word(plan, 1), threads = word(plan, 3);
  let segment = <usize>word(plan, 2);
  for (let s = 0; s < segments; s++) {
    const ops = <usize>word(segment, 1);
    const count = word(segment, 2), tile = word(segment, 3), panels = word(segment, 5);
    const chunks = tile > 0 ? (images + tile - 1) / tile : word(segment, 4);
    for (;;) {
      const chunk = atomic.add<i32>(segment, 1);
      if (chunk >= chunks) break;
      if (tile > 0) choose(plan, thread, chunk * tile, min(tile, images - chunk * tile), 0, 1, 0, 0);
      else if (panels > 0) choose(plan, thread, 0, images, 0, 1, chunk * panels, min(word(segment, 6), (chunk + 1) * panels));
      else choose(plan, thread, 0, images, chunk, chunks, 0, 0);
      for (let o = 0; o < count; o++) {
        turnTo(ops + (<usize>o << OP_SHIFT));
        runOp();
      }
    }
    if (s + 1 < segments && !barrier(plan + 64, threads)) return;
    segment += SEGMENT_BYTES;
  }
}
