// @stria/zoo: convolutional networks by name, one file a family.
export { CifarResNet, type CifarResNetOptions, cifarResNet, resnet20, resnet20Info } from "./cifar-resnet.ts";
export { LeNet5, type LeNet5Options, lenet5, lenet5Info } from "./lenet.ts";
export type { ModelInfo, Preprocessing } from "./model-info.ts";
export { type ClassifierOptions, type LoadedModel, loadModelByName, modelNames } from "./registry.ts";
export { TDNN, type TdnnOptions, tdnn } from "./tdnn.ts";
export { UNet, type UNetOptions, unet } from "./unet.ts";
