// Our plans on the threads of XNNPACK's pthreadpool, which tfjs's binary already started.
//
// The layout of pthreadpool (commit 545ebe9, the one inside tfjs-backend-wasm 4.22.0; wasm32, futex build):
//   pool    0 active threads, 4 has active threads, 8 command, 12 thread function, 16 task, 20 argument
//   thread  0 range start, 4 range end, 8 range length, 12 thread number, 16 pool
// It holds for one binary only: src/backend refuses any other by its SHA-256.

import { run } from "./plan";
import { runTask } from "./task";

const COMMAND_PARALLELIZE: u32 = 1;
const COMMAND_SHUTDOWN: u32 = 2;
const COMMAND_MASK: u32 = 0x7fffffff;

/** Runs what lies at `at` as thread `thread`: a plan, or at an odd address the task one byte before it. */
function work(at: usize, thread: i32): void {
  if (at & 1) runTask(at - 1, thread);
  else run(at, thread);
}

/** The pool's thread function; every thread keeps it in slot 0 of its table. */
export function threadFunction(pool: usize, thread: usize): void {
  work(load<u32>(pool + 20), load<i32>(thread + 12));
}

/** The top bit of a command flips so that two equal commands in a row differ. */
function command(pool: usize, code: u32): void {
  const old = atomic.load<u32>(pool + 8);
  atomic.store<u32>(pool + 8, ~(old | COMMAND_MASK) | code);
  atomic.notify(pool + 8, -1);
}

/** Runs the plan (or task, see `work`) at `plan` on the calling thread (number 0) and on `workers` threads of the pool. */
export function launch(pool: usize, workers: i32, plan: usize): void {
  if (workers == 0) {
    work(plan, 0);
    return;
  }
  atomic.store<i32>(pool + 12, 0); // index in each thread's table
  atomic.store<i32>(pool + 20, <i32>plan);
  atomic.store<i32>(pool, workers);
  atomic.store<i32>(pool + 4, 1);
  command(pool, COMMAND_PARALLELIZE);
  work(plan, 0);
  for (let i = 0; i < 20000; i++) if (atomic.load<i32>(pool + 4) == 0) return;
  while (atomic.load<i32>(pool + 4) != 0) atomic.wait<i32>(pool + 4, 1, -1);
}

/** Lets the pool's threads return, so that their workers can be ended. */
export function shutdown(pool: usize): void {
  command(pool, COMMAND_SHUTDOWN);
}
