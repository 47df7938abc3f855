/** tfjs's tensors, for tests: graft itself loads them only when they are needed. @module */
export * as tf from "npm:@tensorflow/tfjs-core@4.22.0";
