// Golden models of films.
import { type VideoResNetName, c3d, videoResNet } from "@stria/zoo";
import type { Arguments } from "../arguments.ts";
import { type ModelTable, classifier } from "./table.ts";

const residualNames: readonly VideoResNetName[] = ["r3d_18", "mc3_18", "r2plus1d_18"];

export const videoModels: ModelTable = {
  "published.C3D": (options) => c3d(classifier(options, 487, 3)),
  ...Object.fromEntries(
    residualNames.map((name) => [
      `torchvision.models.video.${name}`,
      (options: Arguments) => videoResNet(name, classifier(options, 400, 3)),
    ]),
  ),
};
