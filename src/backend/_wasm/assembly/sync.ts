// Threads inside one plan: a barrier that spins, then sleeps, and gives up when a thread has failed.

/** Loop turns before a waiting thread sleeps: about 50 microseconds, longer than most waits in a quiet machine. */
const SPIN: i32 = 20000;

/**
 * Waits until `threads` threads have come. `at` holds [arrived, generation, failed], 64 bytes apart so
 * that the counters do not share a cache line. Returns false when another thread has failed.
 */
export function barrier(at: usize, threads: i32): bool {
  if (threads < 2) return true;
  const generation = atomic.load<i32>(at, 64);
  if (atomic.add<i32>(at, 1) + 1 == threads) {
    atomic.store<i32>(at, 0);
    atomic.store<i32>(at, generation + 1, 64);
    atomic.notify(at + 64, -1);
    return atomic.load<i32>(at, 128) == 0;
  }
  for (let i = 0; i < SPIN; i++) {
    if (atomic.load<i32>(at, 64) != generation) return atomic.load<i32>(at, 128) == 0;
  }
  while (atomic.load<i32>(at, 64) == generation) {
    if (atomic.load<i32>(at, 128) != 0) return false;
    atomic.wait<i32>(at + 64, generation, -1);
  }
  return atomic.load<i32>(at, 128) == 0;
}
