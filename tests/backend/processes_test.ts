/** What only shows in a process of its own: permissions, exits, and machines that lack something. */
import assert from "node:assert/strict";
import type { BackendReport } from "../../src/backend/mod.ts";
import { type ChildOptions, type ChildResult, runProgram } from "./child.ts";

/** "Within seconds": far more than any of these takes, far less than a wait that never ends. */
const SOON_MS = 8000;

Deno.test("the trunk runs on threads without a single permission and the process ends", async () => {
  const { report, tfjsBackend, child } = await features({ args: ["nothing", "2"] });
  assert.deepEqual(report, {
    kind: "threads",
    threads: 2,
    fma: report.fma,
    why: "threads = 2",
    fellBack: false,
  });
  assert.equal(tfjsBackend, "wasm");
  assert.equal(child.stderr, "");
  assert.ok(child.ms < SOON_MS, `${child.ms} ms`);
});

Deno.test("without permission to read it GRAFT_THREADS is not asked for: the cores decide", async () => {
  const { report } = await features({ args: ["nothing"], env: { GRAFT_THREADS: "nonsense" } });
  assert.equal(report.threads, Math.min(8, navigator.hardwareConcurrency));
  assert.match(report.why, /^\d+ cores?$/);
});

Deno.test("where threads cannot run one thread computes the same bits, and the report says why", async () => {
  const { hash: expected } = await features({ args: ["nothing", "2"] });
  const obstacles: readonly [string, RegExp][] = [
    ["SharedArrayBuffer", /there is no SharedArrayBuffer/],
    ["shared memory", /memory cannot be shared/],
    ["Atomics.wait", /Atomics\.wait cannot be called/],
  ];
  for (const [without, why] of obstacles) {
    const { report, hash, tfjsBackend } = await features({ args: [without, "2"] });
    assertFellBack(report, why);
    assert.equal(hash, expected);
    assert.equal(tfjsBackend, "wasm");
  }
});

Deno.test("where workers fail or never answer one thread takes over", async () => {
  const failing = "export class Worker { constructor() { throw new Error('no workers here'); } }";
  const silent =
    "export class Worker { on() {} postMessage() {} terminate() { console.error('ended'); } unref() {} }";
  const [refused, unanswered] = await Promise.all(
    [failing, silent].map((source) =>
      withReplaced(
        "node:worker_threads",
        source,
        (flags) => features({ flags, args: ["nothing", "3"] }),
      )
    ),
  );
  assertFellBack(refused.report, /no workers here/);
  assertFellBack(unanswered.report, /threads did not start within 5000 ms/);
  assert.equal(unanswered.hash, refused.hash);
  assert.equal(unanswered.child.stderr.trim(), "ended\nended");
});

Deno.test("without SIMD the start fails: nothing slower is taken in its place", async () => {
  for (const threads of ["1", "2"]) {
    const { code, stdout, stderr } = await runProgram("features", { args: ["SIMD", threads] });
    assert.equal(code, 1);
    assert.equal(stdout, "");
    assert.match(stderr, /SIMD unsupported/);
  }
});

Deno.test("a process that throws ends with 1 although threads wait for work", async () => {
  const { code, stdout, stderr, ms } = await runProgram("throws");
  assert.equal(code, 1);
  assert.equal(stdout.trim(), "started");
  assert.match(stderr, /Uncaught.*as planned/);
  assert.ok(ms < SOON_MS, `${ms} ms`);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test({
    name: `${signal} ends a process whose threads are all at work`,
    ignore: Deno.build.os === "windows",
    async fn() {
      const child = await runProgram("works_forever", { signal });
      assert.equal(child.signal, signal);
      assert.equal(child.stdout.trim(), "working");
      assert.ok(child.ms < SOON_MS, `${child.ms} ms`);
    },
  });
}

Deno.test("GRAFT_THREADS decides where it may be read", async () => {
  const flags = ["--allow-env=GRAFT_THREADS"];
  const started = async (threads: string) => {
    const { stdout } = await runProgram("report", { flags, env: { GRAFT_THREADS: threads } });
    return JSON.parse(stdout);
  };
  assert.deepEqual(await started("1"), {
    kind: "single",
    threads: 1,
    fma: (await started("")).fma,
    why: "GRAFT_THREADS = 1",
    fellBack: false,
  });
  const three = await started("3");
  assert.equal(three.threads, 3);
  assert.equal(three.why, "GRAFT_THREADS = 3");
  for (const wrong of ["0", "9", "1.5", "-1", "two"]) {
    assert.deepEqual(await started(wrong), {
      name: "UserError",
      message:
        `Cannot start the backend: GRAFT_THREADS is "${wrong}", expected a whole number from 1 to 8`,
      running: null,
    });
  }
});

/** The smallest valid WebAssembly module: header and version, nothing else. */
const OTHER_BINARY = {
  base64: "AGFzbQEAAAA=",
  sha256: "93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476",
};

Deno.test("another tfjs binary is refused, whatever hash it brings", async () => {
  const { base64, sha256 } = OTHER_BINARY;
  const source = `export const base64 = "${base64}"; export const sha256 = "${sha256}";`;
  const { code, stderr } = await withReplaced(
    embedded("tfjs_single"),
    source,
    (flags) => runProgram("features", { flags, args: ["nothing", "1"] }),
  );
  assert.equal(code, 1);
  assert.match(
    stderr,
    /the embedded binary has SHA-256 93a44bbb[0-9a-f]{56}, expected [0-9a-f]{64}/,
  );
});

Deno.test("kernels that are not those of their hash are refused", async () => {
  const { base64 } = OTHER_BINARY;
  const source = `export const base64 = "${base64}"; export const sha256 = "${"0".repeat(64)}";`;
  for (const build of ["kernels_single", "kernels_single_fma"]) {
    const { code, stderr, stdout } = await withReplaced(
      embedded(build),
      source,
      (flags) => runProgram("features", { flags, args: ["nothing", "1"] }),
    );
    if (code === 0) {
      // The other of the two builds is the one of this machine.
      assert.equal(JSON.parse(stdout).report.fma, build === "kernels_single");
      continue;
    }
    assert.match(stderr, /the embedded binary has SHA-256 93a44bbb[0-9a-f]{56}, expected 0{64}/);
  }
});

function embedded(name: string): string {
  return new URL(`../../src/backend/_wasm/lib/${name}.ts`, import.meta.url).href;
}

/** Runs `body` with flags that put JavaScript of our own in a module's place. */
async function withReplaced<T>(
  specifier: string,
  source: string,
  body: (flags: string[]) => Promise<T>,
): Promise<T> {
  const file = await Deno.makeTempFile({ suffix: ".json" });
  try {
    const replacement = `data:text/javascript,${encodeURIComponent(source)}`;
    await Deno.writeTextFile(file, JSON.stringify({ imports: { [specifier]: replacement } }));
    return await body([`--import-map=${file}`]);
  } finally {
    await Deno.remove(file);
  }
}

interface Features {
  readonly report: BackendReport;
  readonly hash: string;
  readonly tfjsBackend: string;
  readonly child: ChildResult;
}

/** Runs `programs/features.ts`, which must succeed. */
async function features(options: ChildOptions): Promise<Features> {
  const child = await runProgram("features", options);
  assert.equal(child.code, 0, child.stderr);
  return { ...JSON.parse(child.stdout), child };
}

function assertFellBack(report: BackendReport, why: RegExp): void {
  assert.equal(report.kind, "single");
  assert.equal(report.threads, 1);
  assert.equal(report.fellBack, true);
  assert.match(report.why, why);
}
