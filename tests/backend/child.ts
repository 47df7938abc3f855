/** Runs the programs of `programs/` in processes of their own. @module */

/** How a child process ended. */
export interface ChildResult {
  /** Exit status; 130 where SIGINT ended it. */
  readonly code: number;
  /** The signal that ended it. */
  readonly signal: string | null;
  /** Standard output. */
  readonly stdout: string;
  /** Standard error, without colours. */
  readonly stderr: string;
  /** From start to end, in milliseconds. */
  readonly ms: number;
}

/** Options of {@linkcode runProgram}. */
export interface ChildOptions {
  /** Flags of `deno run`, such as permissions. @default none: the program may do nothing */
  readonly flags?: readonly string[];
  /** Arguments of the program. */
  readonly args?: readonly string[];
  /** Environment in addition to this process's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Sent once the program has written its first line. */
  readonly signal?: Deno.Signal;
}

/** The slowest program waits five seconds for its threads, a busy machine takes longer; one that hangs is ended. */
const PATIENCE_MS = 60_000;

/** Programs use packages that graft does without. */
const LOCK = new URL("../deno.lock", import.meta.url).pathname;

/** Runs `programs/<name>.ts`, never asking for a permission. */
export async function runProgram(name: string, options: ChildOptions = {}): Promise<ChildResult> {
  const { flags = [], args = [], env = {}, signal } = options;
  const program = new URL(`programs/${name}.ts`, import.meta.url);
  const started = performance.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--quiet", `--lock=${LOCK}`, ...flags, program.href, ...args],
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const late = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  try {
    const [stdout, stderr, status] = await Promise.all([
      readAll(child.stdout, signal && (() => child.kill(signal))),
      readAll(child.stderr),
      child.status,
    ]);
    const ms = performance.now() - started;
    return { code: status.code, signal: status.signal, stdout, stderr, ms };
  } finally {
    clearTimeout(late);
  }
}

async function readAll(
  stream: ReadableStream<Uint8Array>,
  onFirst?: () => void,
): Promise<string> {
  let text = "";
  for await (const part of stream.pipeThrough(new TextDecoderStream())) {
    if (text === "") onFirst?.();
    text += part;
  }
  return text;
}
