// Stands for `node:worker_threads`: a thread that takes too long for each image and cannot be ended.
export class Worker {
  #listener: (answer: unknown) => void = () => {};
  constructor() {
    setTimeout(() => this.#listener("ready"));
  }
  on(event: string, listener: (answer: unknown) => void): void {
    if (event === "message") this.#listener = listener;
  }
  postMessage({ id }: { readonly id?: number }): void {
    if (id !== undefined) setTimeout(() => this.#listener({ id, message: "too late" }), 100);
  }
  terminate(): void {
    throw new Error("it cannot be ended");
  }
  ref(): void {}
  unref(): void {}
}
