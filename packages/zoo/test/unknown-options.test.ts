// Options that a model does not have: told by every family, with the nearest name.
import { AttributeError } from "@stria/core";
import { expect, test } from "vitest";
import * as zoo from "../src/index.ts";

/** As a program in JavaScript would pass it. */
const given = (value: unknown): never => value as never;

test.each<[name: string, of: (options: never) => unknown]>([
  ["lenet1989", zoo.lenet1989],
  ["lenet1", zoo.lenet1],
  ["lenet5Original", zoo.lenet5Original],
  ["lenet5", zoo.lenet5],
  ["alexnet2012", zoo.alexnet2012],
  ["alexnet", zoo.alexnet],
  ["zfnet", zoo.zfnet],
  ["networkInNetwork", (options) => zoo.networkInNetwork("nin_cifar", options)],
  ["vgg", (options) => zoo.vgg("vgg11", options)],
  ["googlenet2014", zoo.googlenet2014],
  ["googlenet", zoo.googlenet],
  ["allCnnC", zoo.allCnnC],
  ["inceptionV3", zoo.inceptionV3],
  ["resnet", (options) => zoo.resnet("resnet18", options)],
  ["cifarResNet", zoo.resnet20],
  ["preActResNet", zoo.preActResNet164],
  ["cifarWideResNet", zoo.cifarWideResNet],
  ["densenet", (options) => zoo.densenet("densenet121", options)],
  ["cifarDenseNet", zoo.cifarDenseNet],
  ["squeezenet", (options) => zoo.squeezenet("squeezenet1_1", options)],
  ["mobilenetV2", zoo.mobilenetV2],
  ["mobilenetV3", (options) => zoo.mobilenetV3("mobilenet_v3_small", options)],
  ["mnasnet", (options) => zoo.mnasnet("mnasnet0_5", options)],
  ["shufflenetV2", (options) => zoo.shufflenetV2("shufflenet_v2_x0_5", options)],
  ["efficientnet", (options) => zoo.efficientnet("efficientnet_b0", options)],
  ["regnet", (options) => zoo.regnet("regnet_x_400mf", options)],
  ["convnext", (options) => zoo.convnext("convnext_tiny", options)],
  ["c3d", zoo.c3d],
  ["videoResNet", (options) => zoo.videoResNet("r3d_18", options)],
  ["tdnn", zoo.tdnn],
  ["convAutoencoder", zoo.convAutoencoder],
  ["textCnn", (options) => zoo.textCnn("text_cnn_rand", options)],
  ["convGru", zoo.convGru],
  ["sppnet", zoo.sppnet],
  ["fcn", (options) => zoo.fcn("fcn32s", options)],
  ["unet", zoo.unet],
  ["segnet", zoo.segnet],
  ["cnnLstm", zoo.cnnLstm],
  ["contextModule", (options) => zoo.contextModule("context_basic", options)],
  ["wavenetStack", zoo.wavenetStack],
  ["fcnResNet50", zoo.fcnResNet50],
  ["deepLabV3ResNet50", zoo.deepLabV3ResNet50],
])("%s refuses an option that there is not", (name, of) => {
  expect(() => of(given({ colour: 1 }))).toThrow(AttributeError);
  expect(() => of(given({ colour: 1 }))).toThrow(`${name}: there is no option "colour". Remedy: the options are `);
});

test("the nearest option is named", () => {
  expect(() => zoo.resnet("resnet18", given({ num_classes: 10 }))).toThrow("use numClasses; the options are");
  expect(() => zoo.lenet5(given({ inChannel: 3 }))).toThrow("use inChannels;");
});
