// The models by name, each loaded when it is asked for, so that a bundle that names none holds none.
import { AttributeError, type Tensor } from "@stria/core";
import { type Features, type Module, checkOptions, features } from "@stria/layers";
import type { ModelInfo } from "./model-info.ts";

/** What a model of the registry may be asked for; a family's own function takes more. */
export interface ModelOptions {
  /** Default that of the model's information. */
  readonly numClasses?: number;
  /** Channels of the input. Default that of the model's information. */
  readonly inChannels?: number;
  /** Number of tokens, of a model that reads text. Default that of the model's information. */
  readonly vocabulary?: number;
}

type OptionName = keyof ModelOptions;

/** A file of the zoo: how a model of it is made, and what is known of it. */
interface Family<Name> {
  create(name: Name, options: ModelOptions): Module;
  info(name: Name): ModelInfo;
}

interface Entry {
  readonly takes: readonly OptionName[];
  load(): Promise<{ info: ModelInfo; create(options: ModelOptions): Module }>;
}

const classifier: readonly OptionName[] = ["numClasses", "inChannels"];

function family<Name extends string>(
  names: readonly Name[],
  load: () => Promise<Family<Name>>,
  takes: readonly OptionName[] = classifier,
): [name: string, entry: Entry][] {
  return names.map((name) => [
    name,
    {
      takes,
      async load() {
        const { create: make, info } = await load();
        return { info: info(name), create: (options) => make(name, options) };
      },
    },
  ]);
}

/** A file with one model. */
function single(
  name: string,
  load: () => Promise<{ create: (options: ModelOptions) => Module; info: ModelInfo }>,
  takes: readonly OptionName[] = classifier,
): [name: string, entry: Entry] {
  return [name, { takes, load }];
}

/** Models of other things than images of one thing. */
const tasks: readonly [name: string, entry: Entry][] = [
  single("tdnn", () => import("./tdnn.ts").then((file) => ({ create: file.tdnn, info: file.tdnnInfo }))),
  single(
    "conv_autoencoder",
    () =>
      import("./conv-autoencoder.ts").then((file) => ({
        create: file.convAutoencoder,
        info: file.convAutoencoderInfo,
      })),
    ["inChannels"],
  ),
  ...family(
    ["text_cnn_rand", "text_cnn_static", "text_cnn_non_static", "text_cnn_multichannel"],
    () => import("./text-cnn.ts").then((file) => ({ create: file.textCnn, info: file.textCnnInfo })),
    ["numClasses", "vocabulary"],
  ),
  single("conv_gru", () => import("./conv-gru.ts").then((file) => ({ create: file.convGru, info: file.convGruInfo })), [
    "numClasses",
    "vocabulary",
  ]),
  single("sppnet", () => import("./sppnet.ts").then((file) => ({ create: file.sppnet, info: file.sppnetInfo }))),
  ...family(["fcn32s", "fcn16s", "fcn8s"], () =>
    import("./fcn.ts").then((file) => ({ create: file.fcn, info: file.fcnInfo })),
  ),
  ...family(["unet", "unet_padded"], () =>
    import("./unet.ts").then((file) => ({ create: file.unetByName, info: file.unetInfo })),
  ),
  single("segnet", () => import("./segnet.ts").then((file) => ({ create: file.segnet, info: file.segnetInfo }))),
  single("cnn_lstm", () => import("./cnn-lstm.ts").then((file) => ({ create: file.cnnLstm, info: file.cnnLstmInfo }))),
  ...family(
    ["context_basic", "context_large"],
    () =>
      import("./context-module.ts").then(({ contextModule, contextModuleInfo }) => ({
        create: (name, { inChannels: channels }) => contextModule(name, channels === undefined ? {} : { channels }),
        info: contextModuleInfo,
      })),
    ["inChannels"],
  ),
  single("wavenet_stack", () =>
    import("./wavenet.ts").then((file) => ({ create: file.wavenetStack, info: file.wavenetStackInfo })),
  ),
  single("fcn_resnet50", () =>
    import("./fcn-resnet.ts").then((file) => ({ create: file.fcnResNet50, info: file.fcnResNet50Info })),
  ),
  single("deeplabv3_resnet50", () =>
    import("./deeplab-v3.ts").then((file) => ({ create: file.deepLabV3ResNet50, info: file.deepLabV3ResNet50Info })),
  ),
];

const entries: ReadonlyMap<string, Entry> = new Map([
  single("lenet_1989", () =>
    import("./lenet-1989.ts").then((file) => ({ create: file.lenet1989, info: file.lenet1989Info })),
  ),
  single("lenet1_1990", () =>
    import("./lenet-1989.ts").then((file) => ({ create: file.lenet1, info: file.lenet1Info })),
  ),
  single("lenet5_1998", () =>
    import("./lenet-1998.ts").then((file) => ({ create: file.lenet5Original, info: file.lenet5OriginalInfo })),
  ),
  single("lenet5", () => import("./lenet.ts").then((file) => ({ create: file.lenet5, info: file.lenet5Info }))),
  single("alexnet_2012", () =>
    import("./alexnet.ts").then((file) => ({ create: file.alexnet2012, info: file.alexnet2012Info })),
  ),
  single("alexnet", () => import("./alexnet.ts").then((file) => ({ create: file.alexnet, info: file.alexnetInfo }))),
  single("zfnet", () => import("./zfnet.ts").then((file) => ({ create: file.zfnet, info: file.zfnetInfo }))),
  ...family(["nin_cifar", "nin_imagenet"], () =>
    import("./network-in-network.ts").then((file) => ({
      create: file.networkInNetwork,
      info: file.networkInNetworkInfo,
    })),
  ),
  ...family(["vgg11", "vgg13", "vgg16", "vgg19", "vgg11_bn", "vgg13_bn", "vgg16_bn", "vgg19_bn"], () =>
    import("./vgg.ts").then((file) => ({ create: file.vgg, info: file.vggInfo })),
  ),
  single("googlenet_2014", () =>
    import("./googlenet-2014.ts").then((file) => ({ create: file.googlenet2014, info: file.googlenet2014Info })),
  ),
  single("googlenet", () =>
    import("./googlenet.ts").then((file) => ({ create: file.googlenet, info: file.googlenetInfo })),
  ),
  single("all_cnn_c", () => import("./all-cnn.ts").then((file) => ({ create: file.allCnnC, info: file.allCnnCInfo }))),
  single("inception_v3", () =>
    import("./inception-v3.ts").then((file) => ({ create: file.inceptionV3, info: file.inceptionV3Info })),
  ),
  ...family(
    [
      ...(["resnet18", "resnet34", "resnet50", "resnet101", "resnet152"] as const),
      ...(["resnext50_32x4d", "resnext101_32x8d", "resnext101_64x4d", "wide_resnet50_2", "wide_resnet101_2"] as const),
    ],
    () => import("./resnet.ts").then((file) => ({ create: file.resnet, info: file.resnetInfo })),
  ),
  ...family(["resnet20_cifar", "resnet32_cifar", "resnet44_cifar", "resnet56_cifar", "resnet110_cifar"], () =>
    import("./cifar-resnet.ts").then((file) => ({ create: file.cifarResNetByName, info: file.cifarResNetInfo })),
  ),
  single("preact_resnet164_cifar", () =>
    import("./preactivation-resnet.ts").then((file) => ({
      create: file.preActResNet164,
      info: file.preActResNet164Info,
    })),
  ),
  single("wrn28_10", () =>
    import("./cifar-wide-resnet.ts").then((file) => ({ create: file.cifarWideResNet, info: file.wrn28x10Info })),
  ),
  ...family(["densenet121", "densenet161", "densenet169", "densenet201"], () =>
    import("./densenet.ts").then((file) => ({ create: file.densenet, info: file.densenetInfo })),
  ),
  ...family(["densenet40_cifar", "densenet_bc100_cifar"], () =>
    import("./cifar-densenet.ts").then((file) => ({ create: file.cifarDenseNetByName, info: file.cifarDenseNetInfo })),
  ),
  ...family(["squeezenet1_0", "squeezenet1_1"], () =>
    import("./squeezenet.ts").then((file) => ({ create: file.squeezenet, info: file.squeezenetInfo })),
  ),
  single("mobilenet_v2", () =>
    import("./mobilenet-v2.ts").then((file) => ({ create: file.mobilenetV2, info: file.mobilenetV2Info })),
  ),
  ...family(["mnasnet0_5", "mnasnet0_75", "mnasnet1_0", "mnasnet1_3"], () =>
    import("./mnasnet.ts").then((file) => ({ create: file.mnasnet, info: file.mnasnetInfo })),
  ),
  ...family(["shufflenet_v2_x0_5", "shufflenet_v2_x1_0", "shufflenet_v2_x1_5", "shufflenet_v2_x2_0"], () =>
    import("./shufflenet-v2.ts").then((file) => ({ create: file.shufflenetV2, info: file.shufflenetV2Info })),
  ),
  ...family(["mobilenet_v3_large", "mobilenet_v3_small"], () =>
    import("./mobilenet-v3.ts").then((file) => ({ create: file.mobilenetV3, info: file.mobilenetV3Info })),
  ),
  ...family(
    ([0, 1, 2, 3, 4, 5, 6, 7] as const).map((size) => `efficientnet_b${size}` as const),
    () => import("./efficientnet.ts").then((file) => ({ create: file.efficientnet, info: file.efficientnetInfo })),
  ),
  ...family(
    (["x", "y"] as const).flatMap((kind) =>
      (["400mf", "800mf", "1_6gf", "3_2gf", "8gf", "16gf", "32gf"] as const).map(
        (size) => `regnet_${kind}_${size}` as const,
      ),
    ),
    () => import("./regnet.ts").then((file) => ({ create: file.regnet, info: file.regnetInfo })),
  ),
  ...family(["convnext_tiny", "convnext_small", "convnext_base", "convnext_large"], () =>
    import("./convnext.ts").then((file) => ({ create: file.convnext, info: file.convnextInfo })),
  ),
  single("c3d", () => import("./c3d.ts").then((file) => ({ create: file.c3d, info: file.c3dInfo }))),
  ...family(["r3d_18", "mc3_18", "r2plus1d_18"], () =>
    import("./video-resnet.ts").then((file) => ({ create: file.videoResNet, info: file.videoResNetInfo })),
  ),
  ...tasks,
]);

function entryOf(name: string): Entry {
  const entry = entries.get(name);
  if (entry) return entry;
  throw new AttributeError("zoo", `there is no model "${name}"`, `use one of ${listModels().join(", ")}`);
}

/** The names that {@link create} and {@link modelInfo} take, in the order of the history that they tell. Nothing is loaded. */
export function listModels(): readonly string[] {
  return [...entries.keys()];
}

/**
 * What is known of a model: paper, sizes, input, stages, published weights.
 * @throws AttributeError that lists the names when there is none of that name.
 */
export async function modelInfo(name: string): Promise<ModelInfo> {
  const { info } = await entryOf(name).load();
  return info;
}

/**
 * A model of the zoo by its name, with first values of its own. Only the file of its family is loaded.
 *
 * With `stages`, paths of layers inside it, the module returns their outputs by path instead of the model's: see `features` of `@stria/layers`.
 * @throws AttributeError that lists the names when there is none of that name, for an option that the model does not have, and for a stage that is no layer of it.
 * @example
 * const model = await create("resnet18", { numClasses: 10, inChannels: 1 });
 * const backbone = await create("resnet18", { stages: ["layer2", "layer4"] });
 * const { layer2, layer4 } = backbone.forward(images);
 */
export async function create(name: string, options?: ModelOptions & { readonly stages?: undefined }): Promise<Module>;
export async function create<Stage extends string>(
  name: string,
  options: ModelOptions & { readonly stages: readonly Stage[] },
): Promise<Features<[x: Tensor], Stage>>;
export async function create(
  name: string,
  { stages, ...options }: ModelOptions & { readonly stages?: readonly string[] | undefined } = {},
): Promise<Module<[x: Tensor], unknown>> {
  const { takes, load } = entryOf(name);
  checkOptions<object>(name, options, Object.fromEntries([...takes, "stages"].map((option) => [option, null])));
  const model = (await load()).create(options);
  return stages ? features(model, stages) : model;
}
