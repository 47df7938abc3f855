/** Starts the backend with the defaults and prints its report, or how it failed. */
import { backend, startBackend } from "../../../src/backend/mod.ts";

try {
  await startBackend();
  console.log(JSON.stringify(backend()));
} catch (error) {
  const { name, message } = error as Error;
  console.log(JSON.stringify({ name, message, running: backend() ?? null }));
}
