// Golden models with shortcuts and dense connections.
import {
  type DenseNetName,
  type ResNetName,
  cifarDenseNet,
  cifarResNet,
  cifarWideResNet,
  densenet,
  preActResNet,
  resnet,
} from "@stria/zoo";
import type { Arguments } from "../arguments.ts";
import { type ModelTable, classifier, imageNet } from "./table.ts";

const resnetNames: readonly ResNetName[] = [
  "resnet18",
  "resnet34",
  "resnet50",
  "resnet101",
  "resnet152",
  "resnext50_32x4d",
  "resnext101_32x8d",
  "resnext101_64x4d",
  "wide_resnet50_2",
  "wide_resnet101_2",
];

const densenetNames: readonly DenseNetName[] = ["densenet121", "densenet161", "densenet169", "densenet201"];

export const residualModels: ModelTable = {
  ...Object.fromEntries(
    resnetNames.map((name) => [`torchvision.models.${name}`, (options: Arguments) => resnet(name, imageNet(options))]),
  ),
  "published.CifarResNet": (options) => cifarResNet(options.number("depth", 20), classifier(options, 10, 3)),
  "published.PreActResNet": (options) => preActResNet(options.number("depth", 164), classifier(options, 10, 3)),
  "published.WideResNet": (options) =>
    cifarWideResNet({
      ...classifier(options, 10, 3),
      depth: options.number("depth", 28),
      widen: options.number("widen", 10),
    }),
  ...Object.fromEntries(
    densenetNames.map((name) => [
      `torchvision.models.${name}`,
      (options: Arguments) => densenet(name, imageNet(options)),
    ]),
  ),
  "published.CifarDenseNet": (options) =>
    cifarDenseNet({
      ...classifier(options, 10, 3),
      depth: options.number("depth", 40),
      growth: options.number("growth", 12),
      bc: options.flag("bc", false),
    }),
};
