/** A contender's process, seen from the runner. @module */
import { lines, type Reply } from "./protocol.ts";

/** How to start a process. */
export interface Command {
  /** Program, found on the PATH. */
  readonly program: string;
  /** Its arguments. */
  readonly args: readonly string[];
}

/** A contender that answers `run` lines; dispose of it to end the process. */
export class Child implements AsyncDisposable {
  /** What the process said of its versions. */
  readonly versions: string;
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #output: AsyncGenerator<string>;

  private constructor(
    process: Deno.ChildProcess,
    output: AsyncGenerator<string>,
    versions: string,
  ) {
    this.#process = process;
    this.#input = process.stdin.getWriter();
    this.#output = output;
    this.versions = versions;
  }

  /** Starts the process and waits until it is ready; throws when it ends before that. */
  static async start(command: Command): Promise<Child> {
    const process = new Deno.Command(command.program, {
      args: [...command.args],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const output = lines(process.stdout);
    const { ready } = await nextJson(output, command) as { ready: string };
    return new Child(process, output, ready);
  }

  /** Process id. */
  get pid(): number {
    return this.#process.pid;
  }

  /** Runs one case `reps` times. */
  async run(size: number, batch: number, reps: number): Promise<Reply> {
    const line = `run ${size} ${batch} ${reps}\n`;
    await this.#input.write(new TextEncoder().encode(line));
    return await nextJson(this.#output, line) as Reply;
  }

  /** Asks the process to leave and waits for it. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#input.write(new TextEncoder().encode("quit\n"));
      await this.#input.close();
    } catch {
      // It has gone already; whoever was waiting for its answer has been told.
    }
    await this.#process.status;
  }
}

/** The next line that is JSON; libraries may print others (warnings, banners). */
async function nextJson(output: AsyncGenerator<string>, asked: unknown): Promise<unknown> {
  while (true) {
    const { done, value } = await output.next();
    if (done) {
      throw new Error(`Cannot go on: a contender ended, asked was ${JSON.stringify(asked)}`);
    }
    if (value.startsWith("{")) return JSON.parse(value);
  }
}
