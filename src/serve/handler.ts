/** A classifier behind HTTP: a `fetch` handler for any server that takes one. @module */

import { Classifier } from "../classifier/classifier.ts";
import { loadClassifier } from "../classifier/load.ts";
import { checkOptions, type OptionKinds } from "../core/check_options.ts";
import { UserError } from "../core/errors.ts";
import type { FileBytes } from "../core/given_bytes.ts";
import { hostRule } from "./hosts.ts";
import { checkedLimits, LIMIT_KINDS, type LimitOptions } from "./limits.ts";
import { createPredictor } from "./predictor.ts";
import { Problem } from "./problem.ts";
import { makeRoutes, type Route, type Visit } from "./routes.ts";

/** Options of {@linkcode createHandler}. */
export interface HandlerOptions extends LimitOptions {
  /** Origin that pages of other sites may ask from, or `"*"`. @default none */
  readonly allowOrigin?: string;
  /**
   * Hosts that requests may be addressed to, without port; others are answered 403. `"localhost"` stands for all names and addresses of
   * the loopback. A server that only this machine or network can reach should set it: pages elsewhere cannot ask it then by a name of
   * theirs that points there (DNS rebinding).
   *
   * @default any
   */
  readonly allowHosts?: readonly string[];
  /** Answers pictures of something else with the label `unknown`, see `PredictOptions.reject`. @default none */
  readonly reject?: number;
  /** Called once for each request. */
  readonly onRequest?: (log: RequestLog) => void;
  /** Called with what went wrong where a request failed through no fault of its own. */
  readonly onError?: (error: unknown) => void;
  /** Called once, when something is not as it should be and works nevertheless: images are decoded on the event loop, for want of threads. */
  readonly onNotice?: (text: string) => void;
  /** Threads to compute with, where the model is loaded here. @default GRAFT_THREADS, else the number of cores */
  readonly threads?: number;
}

/** Of {@linkcode HandlerOptions}. */
const KINDS: OptionKinds<HandlerOptions> = {
  ...LIMIT_KINDS,
  allowOrigin: "string",
  allowHosts: "list",
  reject: "number",
  onRequest: "function",
  onError: "function",
  onNotice: "function",
  threads: "number",
};

/** One request, as it is logged; nothing in it is text of the request. */
export interface RequestLog {
  /** When it was answered, ISO 8601. */
  readonly time: string;
  /** What was asked for; `other` for any path that is not served. */
  readonly route: string;
  /** HTTP status of the answer. */
  readonly status: number;
  /** Code of the problem, where there was one. */
  readonly problem?: string;
  /** Pictures in it. */
  readonly pictures: number;
  /** Bytes of its body. */
  readonly bytes: number;
  /** From its arrival to the answer, in milliseconds. */
  readonly ms: number;
}

/** What {@linkcode createHandler} makes: the default export of a worker, or the argument of `Deno.serve`. */
export interface Handler extends AsyncDisposable {
  /** Answers a request; never rejects. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** Starts the threads that images are decoded on, now rather than with the first image. */
  readonly warmUp: () => Promise<void>;
  /** Refuses new pictures with 503, and ends once all that wait are answered. */
  readonly close: () => Promise<void>;
  /** Class names, in order. */
  readonly classes: readonly string[];
}

/**
 * Serves a classifier:
 *
 * - `POST /predict`: a JPEG or PNG file as the body, or a form of several: `{ predictions: [{ label, probability, top }] }`; `?top=K`
 * - `POST /embed`: the same bodies: `{ columns, embeddings: [[…]] }`, the features that the head sees
 * - `GET /`: a page to drop a picture on; `GET /healthz`; `GET /openapi.json`
 *
 * What strangers send is data: sizes are counted rather than believed, pixels are limited before they are decoded, nothing of a request
 * is repeated in an answer or a log, and no request reaches a file.
 *
 * @param model A classifier, which stays the caller's, or what `loadClassifier` opens: a path, an address or the bytes of a model.
 * @throws {UserError} When the model cannot be loaded or was not trained, for options out of range, and with `reject` for a model that was
 * not calibrated.
 *
 * @example
 * ```ts
 * import { createClassifier } from "../classifier/create.ts";
 * import { drawSample } from "../data/sample.ts";
 * import { createHandler } from "./handler.ts";
 *
 * using model = await createClassifier({ weights: "random", imageSize: 28, stages: [3] });
 * await model.fit(drawSample({ rows: 60 }), { method: "linear", epochs: 1 });
 * await using handler = await createHandler(model); // or: createHandler("clothes.safetensors")
 * const response = await handler.fetch(new Request("http://localhost/healthz"));
 * if (response.status !== 200) throw new Error(`${response.status}`);
 * // A server keeps it, without `using`: const handler = ...; export default handler; or Deno.serve(handler.fetch);
 * ```
 */
export async function createHandler(
  model: Classifier | string | URL | FileBytes,
  options: HandlerOptions = {},
): Promise<Handler> {
  checkOptions(options, KINDS, { action: "serve the classifier", method: "createHandler" });
  const limits = checkedLimits(options);
  const given = model instanceof Classifier;
  const classifier = given ? model : await loadClassifier(model, { threads: options.threads });
  if (classifier.head === undefined) {
    throw new UserError("Cannot serve the classifier: it was not trained; call fit() first");
  }
  const { allowOrigin, onRequest, onError, onNotice, reject } = options;
  await classifier.predict([], { reject }); // refuses now what it cannot do for any picture
  // What a listener throws is no reason to leave a request without an answer.
  const report = (error: unknown) => {
    try {
      onError?.(error);
    } catch {
      // nobody is left to be told
    }
  };
  const notice = (text: string) => {
    try {
      onNotice?.(text);
    } catch (error) {
      report(error);
    }
  };
  const predictor = createPredictor(classifier, { ...limits, reject, onNotice: notice });
  const stopping = new AbortController();
  const routes = await makeRoutes(classifier, predictor, {
    ...limits,
    reject,
    stopping: stopping.signal,
  });
  const close = async () => {
    stopping.abort();
    await predictor.close();
    if (!given) classifier[Symbol.dispose]();
  };
  const addressOf = hostRule(options.allowHosts);
  const log = (entry: RequestLog) => {
    try {
      onRequest?.(entry);
    } catch (error) {
      report(error);
    }
  };
  const finish = (response: Response) => {
    const { headers } = response;
    headers.set("x-content-type-options", "nosniff");
    if (allowOrigin !== undefined) {
      headers.set("access-control-allow-origin", allowOrigin);
      headers.set("access-control-allow-headers", "content-type");
    }
    if (closing !== undefined) headers.set("connection", "close"); // what comes next would find nobody
    return response;
  };
  let closing: Promise<void> | undefined;
  return {
    classes: classifier.classes,
    async fetch(request) {
      const started = performance.now();
      const counts = { pictures: 0, bytes: 0 };
      let route = "other";
      let problem: Problem | undefined;
      let response: Response;
      try {
        const url = addressOf(request);
        const known = routes.get(url.pathname);
        if (known) {
          route = `${METHODS.has(request.method) ? request.method : "other"} ${url.pathname}`;
        }
        response = await answer({ request, url, counts }, known);
      } catch (error) {
        if (!(error instanceof Problem)) report(error);
        problem = error instanceof Problem
          ? error
          : new Problem("failed", "the server failed; it is not the request's fault");
        response = problem.response();
      }
      finish(response);
      log({
        time: new Date().toISOString(),
        route,
        status: response.status,
        ...problem && { problem: problem.code },
        ...counts,
        ms: Math.round(10 * (performance.now() - started)) / 10,
      });
      return response;
    },
    warmUp: predictor.warmUp,
    close: () => closing ??= close(),
    [Symbol.asyncDispose]: () => closing ??= close(),
  };
}

/** Methods that are logged by their name; a stranger may send any other word. */
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

async function answer(
  visit: Visit,
  methods: ReadonlyMap<string, Route> | undefined,
): Promise<Response> {
  if (methods === undefined) {
    throw new Problem("not-found", "nothing is served here; GET /openapi.json tells what is");
  }
  const { method } = visit.request;
  const allow = [...methods.keys(), ...methods.has("GET") ? ["HEAD"] : [], "OPTIONS"].join(", ");
  if (method === "OPTIONS") {
    return new Response(null, {
      status: 204,
      headers: { allow, "access-control-allow-methods": allow },
    });
  }
  const route = methods.get(method === "HEAD" ? "GET" : method);
  if (route === undefined) {
    throw new Problem(
      "method-not-allowed",
      `this method is not served here; use ${allow}`,
      {
        allow,
      },
    );
  }
  const response = await route(visit);
  return method === "HEAD" ? new Response(null, response) : response;
}
