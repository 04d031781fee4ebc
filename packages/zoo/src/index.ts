// @stria/zoo: convolutional networks by name, one file a family.
export {
  AlexNet,
  AlexNet2012,
  type AlexNetOptions,
  alexnet,
  alexnet2012,
  alexnet2012Info,
  alexnetInfo,
} from "./alexnet.ts";
export { CifarResNet, type CifarResNetOptions, cifarResNet, resnet20, resnet20Info } from "./cifar-resnet.ts";
export { DenseNet, type DenseNetName, type DenseNetOptions, densenet, densenetInfo } from "./densenet.ts";
export { LeNet5, type LeNet5Options, lenet5, lenet5Info } from "./lenet.ts";
export type { ModelInfo, Preprocessing } from "./model-info.ts";
export { type ClassifierOptions, type LoadedModel, loadModelByName, modelNames } from "./registry.ts";
export { ResNet, type ResNetName, type ResNetOptions, resnet, resnetInfo } from "./resnet.ts";
export { SqueezeNet, type SqueezeNetName, type SqueezeNetOptions, squeezenet, squeezenetInfo } from "./squeezenet.ts";
export { VGG, type VGGName, type VGGOptions, vgg, vggInfo } from "./vgg.ts";
export { TDNN, type TdnnOptions, tdnn } from "./tdnn.ts";
export { UNet, type UNetOptions, unet } from "./unet.ts";
