// The networks whose training steps are measured. peer.py has the same ones, their parameters in the same order.
import { type Module, conv2d, dense, flatten, globalAvgPool, maxPool2d, relu, sequential } from "@stria/layers";
import { cifarDenseNet, resnet20, unet } from "@stria/zoo";

export interface TrainingNet {
  readonly name: string;
  readonly make: () => Module;
  /** [N, C, H, W]. */
  readonly input: readonly [batch: number, channels: number, height: number, width: number];
  readonly classes: number;
  /** A label for each pixel. */
  readonly dense?: boolean;
}

const wide = (filters: number) => conv2d(filters, 3, { padding: 1, activation: "relu" });

export const trainingNets: readonly TrainingNet[] = [
  {
    name: "lenet5_b64",
    make: () =>
      sequential(
        [
          conv2d(6, 5, { activation: "relu" }),
          maxPool2d(2),
          conv2d(16, 5, { activation: "relu" }),
          maxPool2d(2),
          flatten(),
          dense(120, { activation: "relu" }),
          dense(84, { activation: "relu" }),
          dense(10),
        ],
        { inputShape: [1, 32, 32] },
      ),
    input: [64, 1, 32, 32],
    classes: 10,
  },
  {
    name: "conv2432_b64",
    make: () =>
      sequential(
        [
          conv2d(24, 5),
          maxPool2d(2),
          relu(),
          conv2d(32, 3),
          maxPool2d(2),
          relu(),
          flatten(),
          dense(128, { activation: "relu" }),
          dense(10),
        ],
        { inputShape: [1, 28, 28] },
      ),
    input: [64, 1, 28, 28],
    classes: 10,
  },
  { name: "resnet20_b32", make: () => resnet20(), input: [32, 3, 32, 32], classes: 10 },
  {
    name: "unet16_128_b2",
    make: () => unet({ base: 16, padded: true }),
    input: [2, 1, 128, 128],
    classes: 2,
    dense: true,
  },
  {
    name: "vggish_b16",
    make: () =>
      sequential(
        [
          wide(64),
          wide(64),
          maxPool2d(2),
          wide(128),
          wide(128),
          maxPool2d(2),
          wide(256),
          wide(256),
          globalAvgPool(),
          dense(10),
        ],
        { inputShape: [3, 32, 32] },
      ),
    input: [16, 3, 32, 32],
    classes: 10,
  },
  {
    name: "densenet40_b16",
    make: () => cifarDenseNet({ depth: 40, growth: 12 }),
    input: [16, 3, 32, 32],
    classes: 10,
  },
];

/** @throws RangeError for a name that none has. */
export function trainingNetNamed(name: string): TrainingNet {
  const net = trainingNets.find((one) => one.name === name);
  if (!net) throw new RangeError(`no net ${name}`);
  return net;
}
