// Golden models for other tasks than images of one thing: segmentation, sound, text, reconstruction.
import {
  type SegmentationOptions,
  cnnLstm,
  contextModule,
  convAutoencoder,
  convGru,
  deepLabV3ResNet50,
  fcn,
  fcnResNet50,
  segnet,
  sppnet,
  tdnn,
  textCnn,
  unet,
  wavenetStack,
} from "@stria/zoo";
import type { Arguments } from "../arguments.ts";
import { type ModelTable, classifier } from "./table.ts";

/** `name` of a family's table. */
function named<Name extends string>(given: Arguments, names: Readonly<Record<string, Name>>, name: string): Name {
  return (Object.hasOwn(names, name) ? names[name] : undefined) ?? given.unsupported(`of the kind ${name}`);
}

const fcns = { "32": "fcn32s", "16": "fcn16s", "8": "fcn8s" } as const;

const textCnns = {
  rand: "text_cnn_rand",
  static: "text_cnn_static",
  "non-static": "text_cnn_non_static",
  multichannel: "text_cnn_multichannel",
} as const;

/** torchvision's segmentation, which has no auxiliary head by default. */
function segmentation(options: Arguments): SegmentationOptions {
  return { ...classifier(options, 21, 3), auxiliaryHead: options.flag("aux_loss", false) };
}

export const taskModels: ModelTable = {
  "published.UNet": (options) =>
    unet({
      ...classifier(options, 2, 1),
      base: options.number("base", 64),
      padded: options.flag("padded", false),
    }),
  "published.FCN": (options) =>
    fcn(named(options, fcns, String(options.number("stride", 8))), classifier(options, 21, 3)),
  "published.SegNet": (options) => segnet(classifier(options, 11, 3)),
  "published.ContextModule": (options) =>
    contextModule(options.flag("large", false) ? "context_large" : "context_basic", {
      channels: options.number("channels", 21),
    }),
  "torchvision.models.segmentation.fcn_resnet50": (options) => fcnResNet50(segmentation(options)),
  "torchvision.models.segmentation.deeplabv3_resnet50": (options) => deepLabV3ResNet50(segmentation(options)),
  "published.CausalStack": (options) =>
    wavenetStack({
      ...classifier(options, 32, 1),
      channels: options.number("channels", 16),
      skipChannels: options.number("skip_channels", 24),
      kernel: options.number("kernel_size", 2),
      ...(options.has("dilations") && { dilations: options.numbers("dilations") }),
    }),
  "published.TDNN": (options) => tdnn({ ...classifier(options, 3, 16), hidden: options.number("hidden", 8) }),
  "published.TextCNN": (options) =>
    textCnn(named(options, textCnns, options.text("kind", "rand")), {
      numClasses: options.number("num_classes", 2),
      vocabulary: options.number("vocabulary"),
      dimensions: options.number("dimensions", 300),
      filters: options.number("filters", 100),
      ...(options.has("windows") && { windows: options.numbers("windows") }),
    }),
  "published.CNNLSTM": (options) => cnnLstm({ ...classifier(options, 5, 3), hidden: options.number("hidden", 24) }),
  "published.ConvGRU1d": (options) =>
    convGru({
      vocabulary: options.number("vocabulary", 50),
      dimensions: options.number("dimensions", 12),
      filters: options.number("filters", 16),
      hidden: options.number("hidden", 10),
      numClasses: options.number("num_classes", 4),
    }),
  "published.ConvAutoencoder": (options) =>
    convAutoencoder({ inChannels: options.number("in_channels", 1), base: options.number("base", 8) }),
  "published.SPPNet": (options) =>
    sppnet({ ...classifier(options, 10, 3), ...(options.has("levels") && { levels: options.numbers("levels") }) }),
};
