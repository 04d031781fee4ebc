// Golden models for other tasks than images of one thing: segmentation, sound, text, reconstruction.
import { tdnn, unet } from "@stria/zoo";
import { ConvGru } from "../conv-gru.ts";
import type { ModelTable } from "./table.ts";

export const taskModels: ModelTable = {
  "published.UNet": (options) =>
    unet({
      numClasses: options.number("num_classes", 2),
      inChannels: options.number("in_channels", 1),
      base: options.number("base", 64),
      padded: options.flag("padded", false),
    }),
  "published.TDNN": (options) =>
    tdnn({
      numClasses: options.number("num_classes", 3),
      inChannels: options.number("in_channels", 16),
      hidden: options.number("hidden", 8),
    }),
  "published.ConvGRU1d": (options) =>
    new ConvGru({
      vocabulary: options.number("vocabulary", 50),
      dimensions: options.number("dimensions", 12),
      filters: options.number("filters", 16),
      hidden: options.number("hidden", 10),
      numClasses: options.number("num_classes", 4),
    }),
};
