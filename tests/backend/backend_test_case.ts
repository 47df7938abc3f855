/** Tests that each run on a backend of their own. @module */
import { type BackendOptions, startBackend, stopBackend } from "../../src/backend/mod.ts";
import { runningBackend } from "../../src/backend/start.ts";
import type { RunningBackend } from "../../src/backend/start.ts";

/** A test on a fresh backend with these options; the backend is stopped behind it. */
export function backendTest(
  name: string,
  options: BackendOptions,
  body: (running: RunningBackend) => void | Promise<void>,
): void {
  Deno.test(name, () => onBackend(options, body));
}

/** Runs `body` on a fresh backend with these options and stops it behind it. */
export async function onBackend<T>(
  options: BackendOptions,
  body: (running: RunningBackend) => T | Promise<T>,
): Promise<T> {
  stopBackend();
  await startBackend(options);
  try {
    return await body(runningBackend());
  } finally {
    stopBackend();
  }
}
