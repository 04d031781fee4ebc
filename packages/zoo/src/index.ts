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
export { C3D, type C3DOptions, c3d, c3dInfo } from "./c3d.ts";
export {
  CifarResNet,
  type CifarResNetName,
  type CifarResNetOptions,
  cifarResNet,
  cifarResNetByName,
  cifarResNetInfo,
  resnet20,
  resnet20Info,
} from "./cifar-resnet.ts";
export { CifarWideResNet, type CifarWideResNetOptions, cifarWideResNet, wrn28x10Info } from "./cifar-wide-resnet.ts";
export { DenseNet, type DenseNetName, type DenseNetOptions, densenet, densenetInfo } from "./densenet.ts";
export { LeNet5, type LeNet5Options, lenet5, lenet5Info } from "./lenet.ts";
export {
  LeNet1,
  LeNet1989,
  type LeNet1989Options,
  lenet1,
  lenet1989,
  lenet1989Info,
  lenet1Info,
} from "./lenet-1989.ts";
export {
  LeNet5Original,
  type LeNet5OriginalOptions,
  type RbfMapLossOptions,
  lenet5Original,
  lenet5OriginalInfo,
  rbfMapLoss,
} from "./lenet-1998.ts";
export type { KnownWeights, ModelInfo, Preprocessing, Stage, Task } from "./model-info.ts";
export {
  PreActResNet,
  type PreActResNetOptions,
  preActResNet,
  preActResNet164,
  preActResNet164Info,
} from "./preactivation-resnet.ts";
export { type ModelOptions, create, listModels, modelInfo } from "./registry.ts";
export { ResNet, type ResNetName, type ResNetOptions, resnet, resnetInfo } from "./resnet.ts";
export { SqueezeNet, type SqueezeNetName, type SqueezeNetOptions, squeezenet, squeezenetInfo } from "./squeezenet.ts";
export { VGG, type VGGName, type VGGOptions, vgg, vggInfo } from "./vgg.ts";
export { CNNLSTM, type CNNLSTMOptions, cnnLstm, cnnLstmInfo } from "./cnn-lstm.ts";
export {
  ContextModule,
  type ContextName,
  type ContextOptions,
  contextModule,
  contextModuleInfo,
} from "./context-module.ts";
export {
  ConvAutoencoder,
  type ConvAutoencoderOptions,
  convAutoencoder,
  convAutoencoderInfo,
} from "./conv-autoencoder.ts";
export { ConvGRU, type ConvGRUOptions, convGru, convGruInfo } from "./conv-gru.ts";
export { DeepLabV3, deepLabV3ResNet50, deepLabV3ResNet50Info } from "./deeplab-v3.ts";
export { FCN, type FCNName, type FCNOptions, fcn, fcnInfo } from "./fcn.ts";
export { FCNResNet, fcnResNet50, fcnResNet50Info } from "./fcn-resnet.ts";
export { SegNet, type SegNetOptions, segnet, segnetInfo } from "./segnet.ts";
export { SegmentationNet, type SegmentationOptions, type SegmentationOutputs } from "./segmentation.ts";
export { SPPNet, type SPPNetOptions, sppnet, sppnetInfo } from "./sppnet.ts";
export { TDNN, type TdnnOptions, tdnn, tdnnInfo } from "./tdnn.ts";
export { TextCNN, type TextCNNName, type TextCNNOptions, textCnn, textCnnInfo } from "./text-cnn.ts";
export { UNet, type UNetName, type UNetOptions, unet, unetByName, unetInfo } from "./unet.ts";
export { WaveNetStack, type WaveNetOptions, wavenetStack, wavenetStackInfo } from "./wavenet.ts";
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
export { ConvNeXt, type ConvNeXtName, type ConvNeXtOptions, convnext, convnextInfo } from "./convnext.ts";
export {
  EfficientNet,
  type EfficientNetName,
  type EfficientNetOptions,
  efficientnet,
  efficientnetInfo,
} from "./efficientnet.ts";
export { MnasNet, type MnasNetName, type MnasNetOptions, mnasnet, mnasnetInfo } from "./mnasnet.ts";
export {
  MobileNetV3,
  type MobileNetV3Name,
  type MobileNetV3Options,
  mobilenetV3,
  mobilenetV3Info,
} from "./mobilenet-v3.ts";
export { RegNet, type RegNetName, type RegNetOptions, regnet, regnetInfo } from "./regnet.ts";
export {
  ShuffleNetV2,
  type ShuffleNetV2Name,
  type ShuffleNetV2Options,
  shufflenetV2,
  shufflenetV2Info,
} from "./shufflenet-v2.ts";
export {
  VideoResNet,
  type VideoResNetName,
  type VideoResNetOptions,
  videoResNet,
  videoResNetInfo,
} from "./video-resnet.ts";
