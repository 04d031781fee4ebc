// The models by name, each loaded when it is asked for, so that a bundle holds only what is used.
import type { Module } from "@stria/layers";
import { AttributeError } from "@stria/core";
import type { ModelInfo } from "./model-info.ts";

/** Options that every classifier of the zoo takes. */
export interface ClassifierOptions {
  readonly numClasses?: number;
  readonly inChannels?: number;
}

/** A model of the zoo, loaded. */
export interface LoadedModel {
  readonly info: ModelInfo;
  /** Makes the model, with first values of its own. */
  create(options?: ClassifierOptions): Module;
}

type Loader = readonly [name: string, load: () => Promise<LoadedModel>];

/** A file with several models, told apart by their names. */
interface Family<Name> {
  create(name: Name, options?: ClassifierOptions): Module;
  info(name: Name): ModelInfo;
}

function family<Name extends string>(names: readonly Name[], load: () => Promise<Family<Name>>): Loader[] {
  return names.map((name) => [
    name,
    async () => {
      const { create, info } = await load();
      return { info: info(name), create: (options) => create(name, options) };
    },
  ]);
}

const loaders: ReadonlyMap<string, () => Promise<LoadedModel>> = new Map([
  ["lenet5", () => import("./lenet.ts").then(({ lenet5, lenet5Info }) => ({ info: lenet5Info, create: lenet5 }))],
  ["alexnet", () => import("./alexnet.ts").then((file) => ({ info: file.alexnetInfo, create: file.alexnet }))],
  [
    "alexnet_2012",
    () => import("./alexnet.ts").then((file) => ({ info: file.alexnet2012Info, create: file.alexnet2012 })),
  ],
  ...family(["vgg11", "vgg13", "vgg16", "vgg19", "vgg11_bn", "vgg13_bn", "vgg16_bn", "vgg19_bn"], () =>
    import("./vgg.ts").then(({ vgg, vggInfo }) => ({ create: vgg, info: vggInfo })),
  ),
  ...family(["resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "resnext50_32x4d", "wide_resnet50_2"], () =>
    import("./resnet.ts").then(({ resnet, resnetInfo }) => ({ create: resnet, info: resnetInfo })),
  ),
  [
    "resnet20",
    () => import("./cifar-resnet.ts").then(({ resnet20, resnet20Info }) => ({ info: resnet20Info, create: resnet20 })),
  ],
  ...family(["squeezenet1_0", "squeezenet1_1"], () =>
    import("./squeezenet.ts").then((file) => ({ create: file.squeezenet, info: file.squeezenetInfo })),
  ),
  ...family(["densenet121", "densenet161", "densenet169", "densenet201"], () =>
    import("./densenet.ts").then((file) => ({ create: file.densenet, info: file.densenetInfo })),
  ),
  ...family(["densenet40_cifar", "densenet_bc100_cifar"], () =>
    import("./cifar-densenet.ts").then((file) => ({ create: file.cifarDenseNetByName, info: file.cifarDenseNetInfo })),
  ),
  ["zfnet", () => import("./zfnet.ts").then((file) => ({ info: file.zfnetInfo, create: file.zfnet }))],
  ...family(["nin_cifar", "nin_imagenet"], () =>
    import("./network-in-network.ts").then((file) => ({
      create: file.networkInNetwork,
      info: file.networkInNetworkInfo,
    })),
  ),
  ["all_cnn_c", () => import("./all-cnn.ts").then((file) => ({ info: file.allCnnCInfo, create: file.allCnnC }))],
  [
    "googlenet_2014",
    () => import("./googlenet-2014.ts").then((file) => ({ info: file.googlenet2014Info, create: file.googlenet2014 })),
  ],
  ["googlenet", () => import("./googlenet.ts").then((file) => ({ info: file.googlenetInfo, create: file.googlenet }))],
  [
    "inception_v3",
    () => import("./inception-v3.ts").then((file) => ({ info: file.inceptionV3Info, create: file.inceptionV3 })),
  ],
  [
    "mobilenet_v2",
    () => import("./mobilenet-v2.ts").then((file) => ({ info: file.mobilenetV2Info, create: file.mobilenetV2 })),
  ],
]);

/** The names that {@link loadModelByName} takes. */
export const modelNames: readonly string[] = [...loaders.keys()];

/**
 * A model of the zoo by its name.
 * @throws AttributeError that lists the names when there is none of that name.
 * @example const { create, info } = await loadModelByName("resnet20");
 */
export async function loadModelByName(name: string): Promise<LoadedModel> {
  const load = loaders.get(name);
  if (!load) throw new AttributeError("zoo", `there is no model "${name}"`, `use one of ${modelNames.join(", ")}`);
  return load();
}
