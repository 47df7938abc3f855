/** Chromium without a window, spoken to by its DevTools protocol: enough to look at a page from a file as people do. @module */

import assert from "node:assert/strict";

/** Where Chromium may be. */
const PATHS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Path of a Chromium on this machine; undefined without one. */
export function findChromium(): string | undefined {
  return PATHS.find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

/** How a page is looked at. */
export interface View {
  /** The reader's colours. */
  readonly colours: "light" | "dark";
  /** Width of the window, in pixels. */
  readonly width: number;
}

/** A page in the browser. */
export interface BrowserPage {
  /** Complaints of the console, and addresses that were asked for besides the page's own. */
  readonly complaints: readonly string[];
  /** Waits until the page is laid out as in this view. */
  look(view: View): Promise<void>;
  /** The value of an expression in the page, with promises resolved. */
  evaluate<T>(expression: string): Promise<T>;
  /** The page from top to bottom as a PNG file. */
  screenshot(): Promise<Uint8Array>;
  /** The page as a PDF file. */
  pdf(): Promise<Uint8Array>;
}

type Message = {
  readonly id?: number;
  readonly method?: string;
  // deno-lint-ignore no-explicit-any -- the protocol's own objects, of many kinds
  readonly params?: any;
  // deno-lint-ignore no-explicit-any -- as above
  readonly result?: any;
  readonly error?: { readonly message: string };
};

/**
 * Opens a file in a browser of its own, hands it to `use`, and ends the browser. Its policy against scripts is set aside for what
 * `evaluate` runs, and only for that: the page has been loaded by then.
 */
export async function withPage<T>(
  chromium: string,
  path: string,
  use: (page: BrowserPage) => Promise<T>,
): Promise<T> {
  const profile = await Deno.makeTempDir({ prefix: "graft_chromium_" });
  const process = new Deno.Command(chromium, {
    args: [
      ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
      ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
      ...["--disable-extensions", "--remote-debugging-port=0", `--user-data-dir=${profile}`],
      "about:blank",
    ],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  try {
    const session = await connect(await portOf(process.stderr));
    try {
      return await use(await openPage(session, new URL(`file://${path}`).href));
    } finally {
      await session.close();
    }
  } finally {
    try {
      process.kill("SIGKILL");
    } catch {
      // it has ended by itself
    }
    await process.status;
    await Deno.remove(profile, { recursive: true }).catch(() => {}); // its children may still be at it
  }
}

/** The port that the browser listens on, which it tells on stderr. */
async function portOf(stderr: ReadableStream<Uint8Array>): Promise<number> {
  let text = "";
  const reader = stderr.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`Chromium ended before it listened: ${text}`);
    text += value;
    const port = /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)\//.exec(text)?.[1];
    if (port === undefined) continue;
    // What else it says must not fill the pipe.
    (async () => {
      while (!(await reader.read()).done);
    })();
    return Number(port);
  }
}

interface Session {
  readonly events: Message[];
  // deno-lint-ignore no-explicit-any -- the protocol's own objects, of many kinds
  send(method: string, params?: object): Promise<any>;
  until(method: string): Promise<void>;
  close(): Promise<void>;
}

async function connect(port: number): Promise<Session> {
  const targets = await (await fetch(`http://127.0.0.1:${port}/json`)).json();
  const target = targets.find(({ type }: { type: string }) => type === "page");
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  const events: Message[] = [];
  const waiting = new Map<number, (message: Message) => void>();
  const listeners = new Set<() => void>();
  socket.onmessage = ({ data }) => {
    const message: Message = JSON.parse(data);
    if (message.id !== undefined) waiting.get(message.id)?.(message);
    else {
      events.push(message);
      listeners.forEach((listener) => listener());
    }
  };
  let last = 0;
  return {
    events,
    async send(method, params = {}) {
      const id = ++last;
      const answer = new Promise<Message>((resolve) => waiting.set(id, resolve));
      socket.send(JSON.stringify({ id, method, params }));
      const { result, error } = await answer;
      waiting.delete(id);
      assert.equal(error, undefined, `${method}: ${error?.message}`);
      return result;
    },
    until(method) {
      return new Promise((resolve) => {
        const check = () => {
          if (!events.some((event) => event.method === method)) return;
          listeners.delete(check);
          resolve();
        };
        listeners.add(check);
        check();
      });
    },
    close() {
      return new Promise((resolve) => {
        socket.onclose = () => resolve();
        socket.close();
      });
    },
  };
}

async function openPage(session: Session, url: string): Promise<BrowserPage> {
  const { send, events, until } = session;
  for (const domain of ["Page", "Runtime", "Network", "Log"]) await send(`${domain}.enable`);
  await send("Page.navigate", { url });
  await until("Page.loadEventFired");
  const evaluate = async <T>(expression: string): Promise<T> => {
    const { result, exceptionDetails } = await send("Runtime.evaluate", {
      ...{ expression, awaitPromise: true, returnByValue: true },
    });
    assert.equal(exceptionDetails, undefined, JSON.stringify(exceptionDetails)?.slice(0, 500));
    return result.value;
  };
  return {
    evaluate,
    get complaints() {
      return events.flatMap((event) => complaintsOf(event, url));
    },
    async look({ colours, width }) {
      const features = [{ name: "prefers-color-scheme", value: colours }];
      await send("Emulation.setEmulatedMedia", { features });
      const mobile = width < 600;
      await send("Emulation.setDeviceMetricsOverride", {
        ...{ width, height: 900, deviceScaleFactor: mobile ? 2 : 1, mobile },
      });
      await evaluate("new Promise((done) => requestAnimationFrame(() => done()))");
    },
    async screenshot() {
      const { data } = await send("Page.captureScreenshot", { captureBeyondViewport: true });
      return Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
    },
    async pdf() {
      const { data } = await send("Page.printToPDF", { printBackground: false });
      return Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
    },
  };
}

/** What an event has to complain of. Pictures inside of the page are no requests. */
function complaintsOf({ method, params }: Message, url: string): string[] {
  if (method === "Runtime.consoleAPICalled") return [`console.${params.type}`];
  if (method === "Runtime.exceptionThrown") return [JSON.stringify(params.exceptionDetails)];
  if (method === "Log.entryAdded") return [`${params.entry.level}: ${params.entry.text}`];
  if (method !== "Network.requestWillBeSent") return [];
  const asked: string = params.request.url;
  return asked === url || asked.startsWith("data:") ? [] : [`asks for ${asked}`];
}
