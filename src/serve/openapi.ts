/** What the server offers, as OpenAPI 3.1. @module */

import { VERSION } from "../core/version.ts";
import { UNKNOWN } from "../classifier/prediction.ts";
import type { PredictorLimits } from "./predictor.ts";
import { PROBLEM_CODES } from "./problem.ts";
import type { BodyLimits } from "./read_body.ts";

/** The description of a server that tells these classes apart. */
export function openApi(
  classes: readonly string[],
  { maxBodyBytes, maxPictures, reject }:
    & Pick<BodyLimits, "maxBodyBytes" | "maxPictures">
    & Pick<PredictorLimits, "reject">,
): Record<string, unknown> {
  const file = { type: "string", format: "binary" };
  const requestBody = {
    required: true,
    description: `A picture, or a form of up to ${maxPictures}; at most ${maxBodyBytes} bytes.`,
    content: {
      "image/jpeg": { schema: file },
      "image/png": { schema: file },
      "application/octet-stream": { schema: file },
      "multipart/form-data": {
        schema: { type: "object", additionalProperties: file },
      },
    },
  };
  const probability = { type: "number", minimum: 0, maximum: 1 };
  const named = {
    label: { type: "string", enum: classes },
    probability,
  };
  const answer = reject === undefined ? named : {
    label: { type: "string", enum: [...new Set([...classes, UNKNOWN])] },
    probability: { ...probability, description: "of the likeliest class, also of one unknown" },
    unknown: { type: "boolean", description: "whether it is unlike what the model has learnt" },
    strangeness: { type: "number", minimum: 0 },
  };
  const problems = Object.fromEntries(
    Object.entries({
      400: "the request is not understood",
      403: "the request is addressed to a host that this server does not answer for",
      408: "the body took too long",
      413: "the body is too large, or has too many images or fields",
      422: "the image cannot be read, or not in time",
      503: "too many are waiting; see Retry-After",
    }).map(([status, description]) => [status, {
      description,
      content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
    }]),
  );
  const post = (summary: string, schema: unknown, parameters: unknown[] = []) => ({
    post: {
      summary,
      parameters,
      requestBody,
      responses: {
        200: { description: "the answers, in order", content: { "application/json": { schema } } },
        ...problems,
      },
    },
  });
  return {
    openapi: "3.1.0",
    info: { title: "graft", version: VERSION, description: "Names what is in a picture." },
    paths: {
      "/predict": post(
        "The likeliest classes of each picture",
        {
          type: "object",
          required: ["predictions"],
          properties: {
            predictions: {
              type: "array",
              items: {
                type: "object",
                required: [...Object.keys(answer), "top"],
                properties: {
                  ...answer,
                  top: { type: "array", items: { type: "object", properties: named } },
                },
              },
            },
          },
        },
        [{
          name: "top",
          in: "query",
          description: "classes to name for each picture",
          schema: { type: "integer", minimum: 1 },
        }],
      ),
      "/embed": post("The features of each picture", {
        type: "object",
        required: ["columns", "embeddings"],
        properties: {
          columns: { type: "integer" },
          embeddings: { type: "array", items: { type: "array", items: { type: "number" } } },
        },
      }),
      "/healthz": {
        get: { summary: "Whether the server runs", responses: { 200: { description: "it does" } } },
      },
    },
    components: {
      schemas: {
        Problem: {
          type: "object",
          required: ["status", "code", "detail"],
          properties: {
            type: { type: "string" },
            status: { type: "integer" },
            code: { type: "string", enum: PROBLEM_CODES },
            detail: { type: "string" },
          },
        },
      },
    },
  };
}
