// Golden models from LeNet to VGG and GoogLeNet.
import {
  type NetworkInNetworkName,
  type VGGName,
  alexnet,
  alexnet2012,
  allCnnC,
  googlenet,
  googlenet2014,
  inceptionV3,
  lenet1,
  lenet1989,
  lenet5,
  lenet5Original,
  networkInNetwork,
  vgg,
  zfnet,
} from "@stria/zoo";
import type { Arguments } from "../arguments.ts";
import { type ModelTable, classifier, imageNet } from "./table.ts";

function networkInNetworkKind(options: Arguments): [name: NetworkInNetworkName, numClasses: number] {
  const kind = options.text("kind", "cifar");
  if (kind === "cifar") return ["nin_cifar", 10];
  return kind === "imagenet" ? ["nin_imagenet", 1000] : options.unsupported(`of the kind ${kind}`);
}

const vggNames: readonly VGGName[] = [
  "vgg11",
  "vgg13",
  "vgg16",
  "vgg19",
  "vgg11_bn",
  "vgg13_bn",
  "vgg16_bn",
  "vgg19_bn",
];

export const classicModels: ModelTable = {
  "published.LeNet1989": (options) => lenet1989(classifier(options, 10, 1)),
  "published.LeNet1": (options) => lenet1(classifier(options, 10, 1)),
  "published.LeNet5Original": (options) => lenet5Original(classifier(options, 10, 1)),
  "published.LeNet5": (options) => lenet5(classifier(options, 10, 1)),
  "published.AlexNet2012": (options) => alexnet2012(imageNet(options)),
  "torchvision.models.alexnet": (options) => alexnet(imageNet(options)),
  "published.ZFNet": (options) => zfnet(imageNet(options)),
  "published.NetworkInNetwork": (options) => {
    const [name, numClasses] = networkInNetworkKind(options);
    return networkInNetwork(name, classifier(options, numClasses, 3));
  },
  "published.AllCNNC": (options) => allCnnC(classifier(options, 10, 3)),
  ...Object.fromEntries(
    vggNames.map((name) => [`torchvision.models.${name}`, (options: Arguments) => vgg(name, imageNet(options))]),
  ),
  "published.GoogLeNet2014": (options) =>
    googlenet2014({ ...imageNet(options), auxiliaryHeads: options.flag("aux", true) }),
  "torchvision.models.googlenet": (options) =>
    googlenet({ ...imageNet(options), auxiliaryHeads: options.flag("aux_logits", true) }),
  "torchvision.models.inception_v3": (options) =>
    inceptionV3({ ...imageNet(options), auxiliaryHead: options.flag("aux_logits", true) }),
};
