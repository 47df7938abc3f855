/** The programs that exports are made for, as their users run them. @module */
import assert from "node:assert/strict";
import { importOnnxRuntime } from "../../deps.ts";

/** What a network says of pictures, row-major `[pictures, classes]`. */
export interface Answers {
  readonly probabilities: Float32Array;
  readonly logits: Float32Array;
}

/** onnxruntime-web (WebAssembly, one thread). @param pixels `[n, size, size, 3]`. */
export async function runOnnx(
  model: Uint8Array,
  pixels: Uint8Array,
  size: number,
): Promise<Answers> {
  const ort = await importOnnxRuntime();
  ort.env.wasm.numThreads = 1; // more would start workers, which outlive the test
  const session = await ort.InferenceSession.create(model, { executionProviders: ["wasm"] });
  try {
    assert.deepEqual(session.inputNames, ["images"]);
    assert.deepEqual(session.outputNames, ["probabilities", "logits"]);
    const count = pixels.length / (size * size * 3);
    const images = new ort.Tensor("uint8", pixels, [count, size, size, 3]);
    const { probabilities, logits } = await session.run({ images });
    assert.deepEqual(probabilities.dims, logits.dims);
    return {
      probabilities: probabilities.data as Float32Array,
      logits: logits.data as Float32Array,
    };
  } finally {
    await session.release();
  }
}

/**
 * Stock `@tensorflow/tfjs` on its own backend in a process that has never heard of graft, which gets the files over HTTP as a page
 * would.
 */
export async function runTfjs(
  files: ReadonlyMap<string, Uint8Array>,
  pixels: Uint8Array,
  size: number,
): Promise<Answers> {
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    ({ url }) => {
      const bytes = files.get(new URL(url).pathname.slice(1));
      return bytes
        ? new Response(bytes as Uint8Array<ArrayBuffer>)
        : new Response(null, { status: 404 });
    },
  );
  try {
    const program = new URL("programs/run_tfjs.ts", import.meta.url).pathname;
    const lock = new URL("../../deno.lock", import.meta.url).pathname;
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        ...[
          "run",
          `--lock=${lock}`,
          "--quiet",
          "--no-prompt",
          "--allow-net=127.0.0.1",
          "--allow-env",
        ],
        ...["--allow-read", "--allow-sys", program],
        ...[`http://127.0.0.1:${server.addr.port}/model.json`, `${size}`],
      ],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const input = child.stdin.getWriter();
    await input.write(pixels as Uint8Array<ArrayBuffer>);
    await input.close();
    const { code, stdout, stderr } = await child.output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    const { probabilities, logits } = JSON.parse(new TextDecoder().decode(stdout));
    return {
      probabilities: Float32Array.from(probabilities),
      logits: Float32Array.from(logits),
    };
  } finally {
    await server.shutdown();
  }
}
