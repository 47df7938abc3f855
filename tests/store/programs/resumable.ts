/**
 * Trains in a folder of checkpoints, written after every step, until the run is over or the process is killed; resumes what is there.
 * Arguments: the folder and the name of the training. Says the number of each step, and at the end the outcome's hash.
 *
 * @module
 */
import { checkpointFolder } from "../../../src/store/checkpoint.ts";
import { fitNetwork } from "../../../src/train/fit.ts";
import { makeTraining, outcome, type TrainingName } from "./training.ts";

const [folder, name] = Deno.args;
const training = await makeTraining(name as TrainingName);
const { history } = await fitNetwork(training.network, training.source, {
  ...training.options,
  checkpoint: { store: checkpointFolder(folder), every: 1, resume: true },
  onStep: ({ step }) => console.log(step),
});
console.log(await outcome(training, history));
