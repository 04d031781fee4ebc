// What the cases are called where people read them.

export const means: readonly string[] = ["geometric mean", "least"];

const names: Readonly<Record<string, string>> = {
  lenet5: "LeNet-5, one image",
  lenet5_b64: "LeNet-5, batch 64",
  conv2432_b64: "convolutions to 24, 32 channels, batch 64",
  resnet20: "ResNet-20, one image",
  resnet20_b32: "ResNet-20, batch 32",
  unet16_128_b2: "U-Net of base 16, 128 x 128, batch 2",
  vggish_b16: "VGG-like of 64 to 256 channels, batch 16",
  densenet40_b16: "DenseNet-40, batch 16",
  squeezenet1_1: "SqueezeNet 1.1",
  mobilenet_v2: "MobileNetV2",
  alexnet: "AlexNet",
  googlenet: "GoogLeNet",
  resnet18: "ResNet-18",
  densenet121: "DenseNet-121",
  resnet50: "ResNet-50",
  resnet50_b8: "ResNet-50, batch 8",
  vgg16: "VGG-16",
  unet: "U-Net, 256 x 256",
};

/** The nets that are trained, by the names of their cases. */
export const trainedCases = {
  lenet: "lenet5_b64",
  conv: "conv2432_b64",
  resnet: "resnet20_b32",
  unet: "unet16_128_b2",
  vgg: "vggish_b16",
  dense: "densenet40_b16",
} as const;

/** A net's name as papers write it; what has none keeps its own. */
export function nameOf(name: string): string {
  return names[name] ?? name;
}
