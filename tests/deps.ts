/** Packages that only tests use; the rest of the project names its own in src/deps.ts. @module */
export * as tfjs from "npm:@tensorflow/tfjs@4.22.0";
