// Golden models for small devices, and what came of them.
import { mobilenetV2, squeezenet } from "@stria/zoo";
import { type ModelTable, imageNet } from "./table.ts";

export const mobileModels: ModelTable = {
  "torchvision.models.squeezenet1_0": (options) => squeezenet("squeezenet1_0", imageNet(options)),
  "torchvision.models.squeezenet1_1": (options) => squeezenet("squeezenet1_1", imageNet(options)),
  "torchvision.models.mobilenet_v2": (options) =>
    mobilenetV2({ ...imageNet(options), widthMultiplier: options.number("width_mult", 1) }),
};
