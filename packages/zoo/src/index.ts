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
export type { KnownWeights, ModelInfo, Preprocessing, Stage, Task } from "./model-info.ts";
export { type ModelOptions, create, listModels, modelInfo } from "./registry.ts";
export { ResNet, type ResNetName, type ResNetOptions, resnet, resnetInfo } from "./resnet.ts";
export { SqueezeNet, type SqueezeNetName, type SqueezeNetOptions, squeezenet, squeezenetInfo } from "./squeezenet.ts";
export { VGG, type VGGName, type VGGOptions, vgg, vggInfo } from "./vgg.ts";
export { TDNN, type TdnnOptions, tdnn } from "./tdnn.ts";
export { UNet, type UNetOptions, unet } from "./unet.ts";
export { AllCNNC, type AllCNNOptions, allCnnC, allCnnCInfo } from "./all-cnn.ts";
export {
  CifarDenseNet,
  type CifarDenseNetName,
  type CifarDenseNetOptions,
  cifarDenseNet,
  cifarDenseNetByName,
  cifarDenseNetInfo,
} from "./cifar-densenet.ts";
export { GoogLeNet, type GoogLeNetOptions, type GoogLeNetOutputs, googlenet, googlenetInfo } from "./googlenet.ts";
export {
  GoogLeNet2014,
  type GoogLeNet2014Options,
  type GoogLeNet2014Outputs,
  googlenet2014,
  googlenet2014Info,
} from "./googlenet-2014.ts";
export {
  InceptionV3,
  type InceptionV3Options,
  type InceptionV3Outputs,
  inceptionV3,
  inceptionV3Info,
} from "./inception-v3.ts";
export { MobileNetV2, type MobileNetV2Options, mobilenetV2, mobilenetV2Info } from "./mobilenet-v2.ts";
export {
  NetworkInNetwork,
  type NetworkInNetworkName,
  type NetworkInNetworkOptions,
  networkInNetwork,
  networkInNetworkInfo,
} from "./network-in-network.ts";
export { ZFNet, type ZFNetOptions, zfnet, zfnetInfo } from "./zfnet.ts";
