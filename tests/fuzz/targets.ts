/** All fuzz targets by name; each is loaded when it is needed. @module */
import type { Target } from "./target.ts";

/** How to make each target. */
export const TARGETS: Readonly<Record<string, () => Promise<Target>>> = {
  jpeg: async () => (await import("./targets/pictures.ts")).jpegTarget(),
  png: async () => (await import("./targets/pictures.ts")).pngTarget(),
  "pth-zip": async () => (await import("./targets/weights.ts")).pthTarget("zip"),
  "pth-legacy": async () => (await import("./targets/weights.ts")).pthTarget("legacy"),
  safetensors: async () => (await import("./targets/weights.ts")).safetensorsTarget(),
  model: async () => await (await import("./targets/models.ts")).modelTarget(),
  checkpoint: async () => await (await import("./targets/checkpoints.ts")).checkpointTarget(),
  "pixel-csv": async () => await (await import("./targets/tables.ts")).tableTarget("pixels"),
  "path-csv": async () => await (await import("./targets/tables.ts")).tableTarget("paths"),
  idx: async () => await (await import("./targets/idx.ts")).idxTarget(),
  zip: async () => await (await import("./targets/archives.ts")).zipTarget(),
  http: async () => await (await import("./targets/http.ts")).handlerTarget(),
  socket: async () => await (await import("./targets/http.ts")).socketTarget(),
};

/** What the tests of the program itself run; not among the others. */
export const FAULTY = "faulty";

/** Makes a target. */
export async function targetOf(name: string): Promise<Target> {
  return name === FAULTY
    ? (await import("./targets/faulty.ts")).faultyTarget()
    : await TARGETS[name]();
}
