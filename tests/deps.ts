/** Packages that only tests use; the rest of the project names its own in src/deps.ts. @module */
export * as tfjs from "npm:@tensorflow/tfjs@4.22.0";

/** What runs ONNX files in browsers, on WebAssembly; loaded by the tests that need it. */
export async function importOnnxRuntime(): Promise<
  typeof import("npm:onnxruntime-web@1.30.0/wasm")
> {
  return await import("npm:onnxruntime-web@1.30.0/wasm");
}

/** The program that holds a page to the rules of accessibility; loaded where there is a browser to run it in. */
export async function importAxe(): Promise<string> {
  const axe = await import("npm:axe-core@4.14.1") as unknown as { default: { source: string } };
  return axe.default.source;
}
