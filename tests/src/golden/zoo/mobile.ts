// Golden models for small devices, and what came of them.
import {
  type EfficientNetName,
  type RegNetName,
  convnext,
  efficientnet,
  mnasnet,
  mobilenetV2,
  mobilenetV3,
  regnet,
  shufflenetV2,
  squeezenet,
} from "@stria/zoo";
import type { Module } from "@stria/layers";
import type { Arguments } from "../arguments.ts";
import { type ModelTable, imageNet } from "./table.ts";

const efficientnetNames = ([0, 1, 2, 3, 4, 5, 6, 7] as const).map((size): EfficientNetName => `efficientnet_b${size}`);
const regnetNames = (["400mf", "800mf", "1_6gf", "3_2gf", "8gf", "16gf", "32gf"] as const).flatMap(
  (size): RegNetName[] => [`regnet_x_${size}`, `regnet_y_${size}`],
);

/** A family, of which each model has a name and the options of every classifier. */
function family<Name extends string>(
  names: readonly Name[],
  create: (name: Name, options: ReturnType<typeof imageNet>) => Module,
): ModelTable {
  return Object.fromEntries(
    names.map((name) => [`torchvision.models.${name}`, (options: Arguments) => create(name, imageNet(options))]),
  );
}

export const mobileModels: ModelTable = {
  "torchvision.models.squeezenet1_0": (options) => squeezenet("squeezenet1_0", imageNet(options)),
  "torchvision.models.squeezenet1_1": (options) => squeezenet("squeezenet1_1", imageNet(options)),
  "torchvision.models.mobilenet_v2": (options) =>
    mobilenetV2({ ...imageNet(options), widthMultiplier: options.number("width_mult", 1) }),
  ...Object.fromEntries(
    (["mobilenet_v3_large", "mobilenet_v3_small"] as const).map((name) => [
      `torchvision.models.${name}`,
      (options: Arguments) =>
        mobilenetV3(name, {
          ...imageNet(options),
          widthMultiplier: options.number("width_mult", 1),
          reducedTail: options.flag("reduced_tail", false),
          dilated: options.flag("dilated", false),
        }),
    ]),
  ),
  ...family(["mnasnet0_5", "mnasnet0_75", "mnasnet1_0", "mnasnet1_3"], mnasnet),
  ...family(["shufflenet_v2_x0_5", "shufflenet_v2_x1_0", "shufflenet_v2_x1_5", "shufflenet_v2_x2_0"], shufflenetV2),
  ...family(efficientnetNames, efficientnet),
  ...family(["convnext_tiny", "convnext_small", "convnext_base", "convnext_large"], convnext),
  ...family(regnetNames, regnet),
};
