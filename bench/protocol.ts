/**
 * What the benchmark's processes say to each other. Each contender is one long-lived process:
 *
 * - it prints `{"ready": "torch 1.13.0a0, …"}` (its versions), then reads lines;
 * - `run SIZE BATCH REPS`: features + average pooling of BATCH pictures of SIZE x SIZE, REPS times;
 *   it prints `{"ms": [one number per repetition], "probe": [image 0's first 8 features]}`;
 * - `quit`: it leaves.
 *
 * In the training benchmark a repetition is one step on such a batch instead, and the probe is that of
 * training_case.ts.
 *
 * All contenders compute the same network on the same numbers: the weights of
 * tests/fixtures/make_forward.py and the pictures of {@linkcode casePixels}. The runner compares the
 * probes, so that nobody is fast by computing something else.
 *
 * @module
 */

/** What one `run` line gives. */
export interface Reply {
  /** Milliseconds of each repetition. */
  readonly ms: readonly number[];
  /** The first 8 of image 0's 1280 features. */
  readonly probe: readonly number[];
}

/**
 * The pictures of every case, `[batch, size, size, 3]`: whole 64ths from -2 to 127/64, exact in
 * float32. torch_server.py and ort_server.mjs hold the same formula in NCHW order.
 */
export function casePixels(size: number, batch: number): Float32Array<ArrayBuffer> {
  const data = new Float32Array(batch * size * size * 3);
  let place = 0;
  for (let n = 0; n < batch; n++) {
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        for (let c = 0; c < 3; c++) {
          const value = (y * (3 + n % 5) + x * (5 + 2 * (n % 3)) + 40 * c + n) % 256;
          data[place++] = value / 64 - 2;
        }
      }
    }
  }
  return data;
}

/**
 * A contender's loop over its standard input.
 *
 * @param versions What is being measured, for the report.
 * @param prepare Called once per case; what it returns computes the features once (not timed
 * separately: the whole call is the measurement) and hands them over as plain numbers.
 */
export async function serve(
  versions: string,
  prepare: (size: number, batch: number) => () => Promise<Float32Array> | Float32Array,
): Promise<void> {
  const cases = new Map<string, () => Promise<Float32Array> | Float32Array>();
  console.log(JSON.stringify({ ready: versions }));
  for await (const line of lines(Deno.stdin.readable)) {
    const [verb, size, batch, reps] = line.split(" ");
    if (verb === "quit") return;
    const key = `${size} ${batch}`;
    let compute = cases.get(key);
    if (compute === undefined) cases.set(key, compute = prepare(Number(size), Number(batch)));
    const ms: number[] = [];
    let features = new Float32Array();
    for (let i = 0; i < Number(reps); i++) {
      const start = performance.now();
      features = await compute() as Float32Array<ArrayBuffer>;
      ms.push(performance.now() - start);
    }
    const reply: Reply = { ms, probe: [...features.slice(0, 8)] };
    console.log(JSON.stringify(reply));
  }
}

/** Lines of a stream of UTF-8 bytes. */
export async function* lines(
  bytes: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string> {
  let rest = "";
  for await (const text of bytes.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split("\n");
    rest = parts.pop()!;
    yield* parts;
  }
  if (rest !== "") yield rest;
}
