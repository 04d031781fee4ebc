// Nets to begin with.

export interface Preset {
  readonly id: string;
  readonly name: string;
  readonly text: string;
}

export const presets: readonly [Preset, ...Preset[]] = [
  {
    id: "lenet5",
    name: "LeNet-5 (LeCun et al. 1998)",
    text: `conv2d(6, 5, padding=2, activation="tanh")
avgPool2d(2)
conv2d(16, 5, activation="tanh")
avgPool2d(2)
flatten()
dense(120, activation="tanh")
dense(84, activation="tanh")
dense(10)`,
  },
  {
    id: "batch-norm",
    name: "Small net with batch norm",
    text: `conv2d(8, 3, padding=1, bias=false)
batchNorm2d()
relu()
maxPool2d(2)
conv2d(16, 3, padding=1, bias=false)
batchNorm2d()
relu()
maxPool2d(2)
flatten()
dense(10)`,
  },
  {
    id: "residual",
    name: "Small residual net",
    text: `conv2d(16, 3, stride=2, padding=1, activation="relu")
residual([
  conv2d(16, 3, padding=1, bias=false),
  batchNorm2d(),
  relu(),
  conv2d(16, 3, padding=1, bias=false),
  batchNorm2d(),
], activation="relu")
maxPool2d(2)
flatten()
dense(10)`,
  },
  {
    id: "linear",
    name: "Linear model",
    text: `flatten()
dense(10)`,
  },
];
