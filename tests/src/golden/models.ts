// The zoo's models by the names that goldens have for them, and what they are filled with.
import { namedCells } from "@stria/core";
import { type Module, loadStateDict } from "@stria/layers";
import { cifarResNet, lenet5, tdnn, unet } from "@stria/zoo";
import { type Arguments, readAll } from "./arguments.ts";
import { ConvGru } from "./conv-gru.ts";
import { parameter } from "./fill.ts";
import { type Json, asObject } from "./json.ts";
import { Unsupported } from "./outcome.ts";

/** Options that every classifier has, by PyTorch's names. */
function classifier(
  given: Arguments,
  numClasses: number,
  inChannels: number,
): { numClasses: number; inChannels: number } {
  return {
    numClasses: given.number("num_classes", numClasses),
    inChannels: given.number("in_channels", inChannels),
  };
}

/** Makes a model of a golden's `source` with its `options`; what the goldens leave out has their reference's default. */
const models: Readonly<Record<string, (options: Arguments) => Module>> = {
  "published.LeNet5": (options) => lenet5(classifier(options, 10, 1)),
  "published.CifarResNet": (options) => cifarResNet(options.number("depth", 20), classifier(options, 10, 3)),
  "published.TDNN": (options) =>
    tdnn({
      numClasses: options.number("num_classes", 3),
      inChannels: options.number("in_channels", 16),
      hidden: options.number("hidden", 8),
    }),
  "published.UNet": (options) =>
    unet({
      numClasses: options.number("num_classes", 2),
      inChannels: options.number("in_channels", 1),
      base: options.number("base", 64),
      padded: options.flag("padded", false),
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

/** The model of a golden. @throws Unsupported where the zoo has none of that source, or an option is not known. */
export function modelOf(purpose: string, source: string, options: Json | undefined): Module {
  const build = Object.hasOwn(models, source) ? models[source] : undefined;
  if (!build) throw new Unsupported(`${purpose} ${source}`);
  return readAll(`${purpose} ${source}`, asObject(options ?? {}, "options"), build);
}

/** Gives every parameter and state its value by its name. */
export function fillModel(model: Module, prefix: string): void {
  const entries = [...namedCells(model)].map(([path, { aval }]) => {
    const data = path.endsWith("num_batches_tracked") ? new Int32Array(1) : parameter(prefix + path, aval.shape);
    return [path, { ...aval, data }] as const;
  });
  loadStateDict(model, new Map(entries));
}
