/** `graft serve` as a process of its own. @module */

const ROOT = new URL("../../", import.meta.url);

/** A running server. */
export interface Served extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** All of stderr so far. */
  stderr(): string;
  /** Sends a signal. */
  kill(signal: Deno.Signal): void;
  /** Sends a signal and waits for the end. */
  stop(signal: Deno.Signal): Promise<{ readonly code: number; readonly stdout: string }>;
  /** Most memory that it has held so far, in MB. */
  peakMegabytes(): Promise<number>;
}

/** Starts `graft serve` on a free port, with no more permissions than it says, and waits until it listens. */
export async function serve(model: string, args: readonly string[] = []): Promise<Served> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--quiet", `--allow-read=${model}`, "--allow-net=127.0.0.1:0"],
      ...["cli.ts", "serve", model, "--port", "0", ...args],
    ],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let stderr = "";
  const listening = Promise.withResolvers<string>();
  const reading = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      stderr += text;
      const url = stderr.match(/(?:listening on |"url":")([^\s"]+)[^\n]*\n/)?.[1];
      if (url !== undefined) listening.resolve(url);
    }
    listening.reject(new Error(`the server ended: ${stderr}`));
  })();
  const stdout = new Response(child.stdout).text();
  const url = await listening.promise;
  const kill = (signal: Deno.Signal) => {
    try {
      child.kill(signal);
    } catch {
      // it has ended already
    }
  };
  const end = async (signal: Deno.Signal) => {
    kill(signal);
    const { code } = await child.status;
    await reading.catch(() => {});
    return { code, stdout: await stdout };
  };
  return {
    url,
    port: Number(new URL(url).port),
    pid: child.pid,
    stderr: () => stderr,
    kill,
    stop: end,
    async peakMegabytes() {
      // By a program: reading it here would take all permissions.
      const { stdout } = await new Deno.Command("cat", { args: [`/proc/${child.pid}/status`] })
        .output();
      return Number(/VmHWM:\s+(\d+)/.exec(new TextDecoder().decode(stdout))![1]) / 1000;
    },
    [Symbol.asyncDispose]: async () => void await end("SIGKILL"),
  };
}
