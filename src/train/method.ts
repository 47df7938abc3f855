/** Ways of training, by name. @module */

/**
 * How to train.
 *
 * - `"probe"`: multinomial logistic regression on standardised features by L-BFGS, its strength chosen by
 *   cross-validation; nothing to tune.
 * - `"linear"`: a linear layer by steps of Adam on plain features, as in a PyTorch loop.
 * - `"finetune"`: trunk and head together, the head starting at zero.
 * - `"lpft"`: a probe first, then trunk and head together from there (LP-FT, Kumar et al. 2022), so that the trunk is not led
 *   astray by a head that knows nothing. Unless that is better on images that neither has learnt from, the result is the probe.
 */
export type Method = "probe" | "linear" | "finetune" | "lpft";

/** All methods. */
export const METHODS: readonly Method[] = ["probe", "linear", "finetune", "lpft"];

/** A method, or leaving the choice to a comparison: `"auto"` keeps a probe unless LP-FT is better within a budget of time. */
export type MethodOption = Method | "auto";

/** All that may be asked for. */
export const METHOD_OPTIONS: readonly MethodOption[] = ["auto", ...METHODS];
