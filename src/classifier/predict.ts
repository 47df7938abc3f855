/**
 * Kept models that answer, and nothing else: for places where a program starts for each answer. It loads a third of the modules
 * that `@graft/vision` has; a first answer comes a quarter sooner.
 *
 * ```ts ignore
 * import { loadClassifier } from "jsr:@graft/vision/predict";
 *
 * using model = await loadClassifier("pets.safetensors"); // or its bytes, or an address
 * console.log(await model.predict(["a.jpg"])); // [{ label, probability, top }]
 * ```
 *
 * @module
 */

export { loadClassifier, type LoadClassifierOptions } from "./load.ts";
export { ImageDataset } from "../data/dataset.ts";
export { UserError } from "../core/errors.ts";
