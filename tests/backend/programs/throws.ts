/** Throws while the threads of the backend are waiting for work. */
import { startBackend } from "../../../src/backend/mod.ts";

await startBackend({ threads: 3 });
console.log("started");
throw new Error("as planned");
