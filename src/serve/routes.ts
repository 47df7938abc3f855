/** What the server answers, by path and method. @module */

import type { Classifier } from "../classifier/classifier.ts";
import { VERSION } from "../core/version.ts";
import type { Limits } from "./limits.ts";
import { openApi } from "./openapi.ts";
import { page, pagePolicy } from "./page.ts";
import type { Predictor, PredictorLimits } from "./predictor.ts";
import { Problem } from "./problem.ts";
import { heldBytes, type ReadingOptions, readPictures } from "./read_body.ts";

/** What a route gets, and tells. */
export interface Visit {
  readonly request: Request;
  readonly url: URL;
  /** What is logged of the body. */
  readonly counts: { pictures: number; bytes: number };
}

/** Answers a request. */
export type Route = (visit: Visit) => Response | Promise<Response>;

/** What is served, by path and method. */
export async function makeRoutes(
  model: Classifier,
  predictor: Predictor,
  limits: Limits & Pick<PredictorLimits, "reject"> & Pick<ReadingOptions, "stopping">,
): Promise<ReadonlyMap<string, ReadonlyMap<string, Route>>> {
  const { classes } = model;
  const description = openApi(classes, limits);
  const [markup, policy] = [page(), await pagePolicy()];
  const held = heldBytes(limits.maxHeldBytes);
  let reading = 0;
  const ask = async (visit: Visit) => {
    predictor.reserve(1); // before anything is read: a busy server says so at once
    if (reading >= limits.maxReading) {
      throw new Problem("busy", "too many requests are being read; try again in a second", {
        "retry-after": "1",
      });
    }
    reading++;
    let bytes = 0;
    const hold = (more: number) => {
      held.take(more);
      bytes += more;
    };
    try {
      const body = await readPictures(visit.request, { ...limits, hold })
        .finally(() => reading--);
      visit.counts.pictures = body.pictures.length;
      visit.counts.bytes = body.bytes;
      return await predictor.ask(body.pictures);
    } finally {
      held.give(bytes);
    }
  };
  const get = (route: Route) => new Map([["GET", route]]);
  const post = (route: Route) => new Map([["POST", route]]);
  return new Map([
    [
      "/predict",
      post(async (visit) => {
        const top = topOf(visit.url, { fallback: limits.top, classes: classes.length });
        const answers = await ask(visit);
        return json({
          predictions: answers.map(({ prediction }) => ({
            ...prediction,
            top: prediction.top.slice(0, top),
          })),
        });
      }),
    ],
    [
      "/embed",
      post(async (visit) => {
        const answers = await ask(visit);
        return json({
          columns: answers[0].features.length,
          embeddings: answers.map(({ features }) => Array.from(features)),
        });
      }),
    ],
    [
      "/healthz",
      get(() => {
        predictor.reserve(0); // refuses while it ends: who balances load must send nothing more
        return json({
          status: "ok",
          graft: VERSION,
          classes: classes.length,
          waiting: predictor.waiting,
        });
      }),
    ],
    ["/openapi.json", get(() => json(description))],
    [
      "/",
      get(() =>
        new Response(markup, {
          headers: {
            "content-type": "text/html; charset=utf-8",
            "content-security-policy": policy,
            "referrer-policy": "no-referrer",
          },
        })
      ),
    ],
  ]);
}

function json(value: unknown): Response {
  return new Response(JSON.stringify(value), {
    headers: { "content-type": "application/json", "cache-control": "no-store" },
  });
}

/** `?top=K`, 1 to the number of classes. */
function topOf(
  { searchParams }: URL,
  { fallback, classes }: { readonly fallback: number; readonly classes: number },
): number {
  const text = searchParams.get("top");
  if (text === null) return Math.min(fallback, classes);
  const top = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (top >= 1) return Math.min(top, classes);
  throw new Problem("bad-request", "top is no whole number from 1; leave it out or mend it");
}
