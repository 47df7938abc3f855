/** Names and shapes of the network's parameters, as torchvision's `state_dict` has them. @module */

import type { HostTensor } from "../core/host_tensor.ts";
import { UserError } from "../core/errors.ts";
import { clip, quotedList } from "../core/quoted.ts";
import { asFloat32 } from "../weights/elements.ts";
import { isScaled, type ScaledTensor } from "../weights/scaled_tensor.ts";
import { type Architecture, type BlockConfig, blocks, EFFICIENTNET_B0 } from "./stages.ts";

/** What a parameter is, which decides how it is initialised, folded and trained. */
export type ParameterKind =
  | "convolution"
  | "depthwise"
  | "scale"
  | "shift"
  | "runningMean"
  | "runningVariance"
  | "bias";

/** One entry of a checkpoint. */
export interface ParameterSpec {
  /** torchvision's name, for instance `"features.4.1.block.0.0.weight"`. */
  readonly name: string;
  /** Shape; convolutions are OIHW. */
  readonly shape: readonly number[];
  /** What it is. */
  readonly kind: ParameterKind;
}

/** One convolution with the batch norm behind it: `prefix.0` and `prefix.1`. */
function convNorm(
  prefix: string,
  shape: readonly [number, number, number, number],
  kind: "convolution" | "depthwise" = "convolution",
): ParameterSpec[] {
  const channels = [shape[0]];
  return [
    { name: `${prefix}.0.weight`, shape, kind },
    { name: `${prefix}.1.weight`, shape: channels, kind: "scale" },
    { name: `${prefix}.1.bias`, shape: channels, kind: "shift" },
    { name: `${prefix}.1.running_mean`, shape: channels, kind: "runningMean" },
    { name: `${prefix}.1.running_var`, shape: channels, kind: "runningVariance" },
  ];
}

/** Prefixes of a block's layers: without expansion the layers move up by one. */
export interface BlockNames {
  /** 1 x 1 expansion and its norm; absent where the expand ratio is 1. */
  readonly expand?: string;
  /** Depthwise convolution and its norm. */
  readonly depthwise: string;
  /** Squeeze-excite, `fc1` and `fc2`. */
  readonly squeeze: string;
  /** 1 x 1 projection and its norm. */
  readonly project: string;
}

/** The prefixes of one block. */
export function blockNames({ name, inputChannels, expandedChannels }: BlockConfig): BlockNames {
  const expands = expandedChannels !== inputChannels;
  const at = (index: number) => `${name}.block.${expands ? index : index - 1}`;
  return {
    expand: expands ? at(0) : undefined,
    depthwise: at(1),
    squeeze: at(2),
    project: at(3),
  };
}

function blockParameters(block: BlockConfig): ParameterSpec[] {
  const { inputChannels, expandedChannels, squeezeChannels, outputChannels, kernel } = block;
  const names = blockNames(block);
  return [
    ...(names.expand ? convNorm(names.expand, [expandedChannels, inputChannels, 1, 1]) : []),
    ...convNorm(names.depthwise, [expandedChannels, 1, kernel, kernel], "depthwise"),
    {
      name: `${names.squeeze}.fc1.weight`,
      shape: [squeezeChannels, expandedChannels, 1, 1],
      kind: "convolution",
    },
    { name: `${names.squeeze}.fc1.bias`, shape: [squeezeChannels], kind: "bias" },
    {
      name: `${names.squeeze}.fc2.weight`,
      shape: [expandedChannels, squeezeChannels, 1, 1],
      kind: "convolution",
    },
    { name: `${names.squeeze}.fc2.bias`, shape: [expandedChannels], kind: "bias" },
    ...convNorm(names.project, [outputChannels, expandedChannels, 1, 1]),
  ];
}

/** Prefix of the stem and of the last convolution. */
export const STEM = "features.0";
/** Prefix of the last pointwise convolution. */
export const HEAD = "features.8";

/** Every entry of `features`, in the network's order. `num_batches_tracked` is not used and not listed. */
export function trunkParameters(
  architecture: Architecture = EFFICIENTNET_B0,
): ParameterSpec[] {
  const { stemChannels, headChannels } = architecture;
  const list = blocks(architecture);
  return [
    ...convNorm(STEM, [stemChannels, 3, 3, 3]),
    ...list.flatMap(blockParameters),
    ...convNorm(HEAD, [headChannels, list[list.length - 1].outputChannels, 1, 1]),
  ];
}

/** The float32 values of parameters by name, to be read only; a map is one. */
export interface ParameterValues {
  /** All of them; made anew each time where they are kept as codes and scales. */
  get(name: string): Float32Array | undefined;
  /** The tensor, where its numbers are kept as codes and scales. */
  scaled?(name: string): ScaledTensor | undefined;
}

/**
 * The values of all trunk parameters: the tensors' own numbers where those are float32 already.
 *
 * @throws {UserError} naming the first entry that is missing, has another shape or numbers that no network has, and those under
 * `features.` that the network lacks: they are another network's, with the same names.
 */
export function checkTrunkTensors(
  tensors: ReadonlyMap<string, HostTensor>,
  source: string,
  architecture: Architecture = EFFICIENTNET_B0,
): ParameterValues {
  const fail = (detail: string) => new UserError(`Cannot use the weights of ${source}: ${detail}`);
  const looks = () => {
    const network = looksLike(tensors);
    return network === undefined ? "" : `; they look like ${network}`;
  };
  const checked = new Map<string, HostTensor>();
  for (const { name, shape, kind } of trunkParameters(architecture)) {
    const tensor = tensors.get(name);
    if (!tensor) {
      throw fail(
        `${name} is missing; expected EfficientNet-B0 under torchvision's names${looks()}`,
      );
    }
    if (tensor.shape.join() !== shape.join()) {
      throw fail(
        `${name} has shape [${
          clip(String(tensor.shape))
        }], expected [${shape}] of EfficientNet-B0${looks()}`,
      );
    }
    if (tensor.dtype !== "float32" && tensor.dtype !== "float64") {
      throw fail(`${name} has type ${tensor.dtype}, expected floating point`);
    }
    checkNumbers(name, kind, tensor, fail);
    checked.set(name, tensor);
  }
  const surplus = [...tensors.keys()].filter((name) =>
    name.startsWith("features.") && !checked.has(name) && !name.endsWith(".num_batches_tracked")
  );
  if (surplus.length > 0) {
    throw fail(
      `EfficientNet-B0 has no ${
        quotedList(surplus, 2)
      }; expected its tensors under features. and no others${looks()}`,
    );
  }
  return {
    get(name) {
      const tensor = checked.get(name);
      return tensor && asFloat32(tensor.data as Float32Array | Float64Array);
    },
    scaled(name) {
      const tensor = checked.get(name);
      return tensor && isScaled(tensor) ? tensor : undefined;
    },
  };
}

/**
 * Refuses numbers that a network cannot be computed with.
 *
 * @param fail Makes the error from what was found.
 */
function checkNumbers(
  name: string,
  kind: ParameterKind,
  tensor: HostTensor,
  fail: (detail: string) => UserError,
): void {
  // Of codes, the scales: they are few, and codes are always finite.
  const data = (isScaled(tensor) ? tensor.scales : tensor.data) as Float32Array | Float64Array;
  const least = kind === "runningVariance" ? 0 : -MAX_PARAMETER;
  if (isWithin(data, least, MAX_PARAMETER)) return;
  const wrong = data.findIndex((value) => !(value >= least && value <= MAX_PARAMETER));
  throw fail(
    `${name}${isScaled(tensor) ? "'s scale" : ""} has the value ${
      data[wrong]
    } at ${wrong}, expected numbers from ${
      least === 0 ? 0 : "-1e18"
    } to 1e18; the training that saved them failed, or the file is damaged`,
  );
}

/** Beyond it, products of two numbers do not fit into float32. */
const MAX_PARAMETER = 1e18;

function isWithin(data: Float32Array | Float64Array, least: number, most: number): boolean {
  for (let i = 0; i < data.length; i++) if (!(data[i] >= least && data[i] <= most)) return false;
  return true;
}

/** Channels of torchvision's last kernel under `features.`, out and in; B1 has B0's. */
const LAST_KERNELS: Readonly<Record<string, string>> = {
  "1280,320": "B0",
  "1408,352": "B2",
  "1536,384": "B3",
  "1792,448": "B4",
  "2048,512": "B5",
  "2304,576": "B6",
  "2560,640": "B7",
  "1280,256": "V2-S",
  "1280,512": "V2-M",
  "1280,640": "V2-L",
};

/** Which of torchvision's other EfficientNets tensors are of, where their names and shapes tell. */
function looksLike(tensors: ReadonlyMap<string, HostTensor>): string | undefined {
  const last = tensors.get("features.8.0.weight") ?? tensors.get("features.7.0.weight");
  const known = LAST_KERNELS[last?.shape.slice(0, 2).join() ?? ""];
  // B1 is as wide as B0, and has a second block where B0 has one.
  const isB1 = known === "B0" && tensors.has("features.1.1.block.0.0.weight");
  const name = isB1 ? "B1" : known;
  return name === undefined || name === "B0" ? undefined : `EfficientNet-${name}`;
}
