// Receptive fields of golden models, stage by stage: those that the traced graph tells, and the pixels on which the gradient of one unit is not zero.
import {
  type Tensor,
  at,
  compile,
  evaluating,
  grad,
  isModule,
  namedCells,
  namedModules,
  ones,
  slice,
  sum,
} from "@stria/core";
import {
  AvgPool2d,
  MaxPool2d,
  type Module,
  type ReceptiveField,
  features,
  maxPool2d,
  receptiveFieldsOf,
} from "@stria/layers";
import { type JsonObject, asNumber, asObject, asTexts } from "./json.ts";
import { Judge } from "./judge.ts";
import { modelOf } from "./models.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";

interface Described {
  readonly source: string;
  readonly options?: JsonObject;
  /** One input, large enough that nothing is cut off. */
  readonly input: readonly number[];
  /** Paths of stages that are not called what the golden calls them. */
  readonly paths?: Readonly<Record<string, string>>;
  /** An input, and options, for the gradient: a unit in the middle sees no border. */
  readonly proof?: { readonly input: readonly number[]; readonly options?: JsonObject };
}

const images = [3, 224, 224];
const strip = (width: number, height = 64): { input: number[] } => ({ input: [3, height, width] });
const alexnetPaths = {
  conv1: "features.0",
  pool1: "features.2",
  conv2: "features.3",
  pool2: "features.5",
  conv3: "features.6",
  conv4: "features.8",
  conv5: "features.10",
  pool5: "features.12",
};

/** Layers of VGG-16's `features` are numbered through: a convolution and its ReLU, and pools. */
function vgg16Paths(): Record<string, string> {
  let next = 0;
  const blocks = [2, 2, 3, 3, 3].flatMap((count, block): [string, string][] => {
    const convs = Array.from({ length: count }, (_, index): [string, string] => [
      `conv${block + 1}_${index + 1}`,
      `features.${next + 2 * index}`,
    ]);
    next += 2 * count + 1;
    return [...convs, [`pool${block + 1}`, `features.${next - 1}`]];
  });
  return Object.fromEntries(blocks);
}

/** A shared pool is seen where the next 1x1 convolution reads it. */
const googlenet2014Paths = {
  maxpool1: "conv2_reduce",
  conv3: "conv2",
  maxpool2: "inception3a.branch1",
  maxpool3: "inception4a.branch1",
  maxpool4: "inception5a.branch1",
};

function torchvision(name: string, proof?: Described["proof"]): Described {
  return { source: `torchvision.models.${name}`, input: images, ...(proof && { proof }) };
}

const described: Readonly<Record<string, Described>> = {
  lenet5: { source: "published.LeNet5", input: [1, 32, 32], proof: { input: [1, 32, 32] } },
  alexnet: { ...torchvision("alexnet", strip(256)), paths: alexnetPaths },
  alexnet_2012: { source: "published.AlexNet2012", input: [3, 227, 227] },
  zfnet: { source: "published.ZFNet", input: images },
  vgg16: { ...torchvision("vgg16", strip(256, 32)), paths: vgg16Paths() },
  resnet18: torchvision("resnet18", strip(512)),
  resnet34: torchvision("resnet34"),
  resnet50: torchvision("resnet50", strip(512)),
  resnet101: torchvision("resnet101"),
  resnet152: torchvision("resnet152"),
  resnet20_cifar: {
    source: "published.CifarResNet",
    options: { depth: 20 },
    input: [3, 32, 32],
    proof: { input: [3, 128, 128] },
  },
  googlenet: torchvision("googlenet", strip(512)),
  googlenet_2014: { source: "published.GoogLeNet2014", input: images, paths: googlenet2014Paths },
  unet: {
    source: "published.UNet",
    input: [1, 572, 572],
    proof: { input: [1, 220, 220], options: { base: 4 } },
  },
  unet_padded: { source: "published.UNet", options: { padded: true }, input: [1, 512, 512] },
  context_basic: {
    source: "published.ContextModule",
    input: [21, 48, 40],
    proof: { input: [4, 160, 160], options: { channels: 4 } },
  },
  wavenet_stack: { source: "published.CausalStack", input: [1, 160], proof: { input: [1, 400] } },
};

/** U-Net pools what each `down` gives, with one pool. */
const pooled = /^pool\.(\d)$/;

/** The outputs of stages, by the golden's names. */
function stagesOf(
  model: Module,
  names: readonly string[],
  paths: Readonly<Record<string, string>>,
): (x: Tensor) => Record<string, Tensor> {
  const pathOf = (name: string): string => paths[name] ?? name.replace(pooled, "down.$1");
  const inner = features(model, [...new Set(names.map(pathOf))]);
  return (x: Tensor): Record<string, Tensor> => {
    const found = inner.forward(x);
    return Object.fromEntries(
      names.flatMap((name) => {
        const stage = found[pathOf(name)];
        if (!stage) return [];
        return [[name, pooled.test(name) ? maxPool2d(2).forward(stage) : stage]];
      }),
    );
  };
}

function caseOf(name: string): Described {
  const one = Object.hasOwn(described, name) ? described[name] : undefined;
  if (!one) throw new Error(`receptive fields of ${name}: which model that is has to be said`);
  return one;
}

function expectedOf(stages: JsonObject, name: string): ReceptiveField {
  const stage = asObject(stages[name], name);
  const figure = (key: string): number => asNumber(stage[key], key);
  return { field: figure("field"), jump: figure("jump"), start: figure("start") };
}

/** The fields that the graph tells. */
export function runFieldCase(name: string, golden: JsonObject): Promise<Outcome> {
  return outcomeOf(() => {
    const { source, options, input, paths = {} } = caseOf(name);
    const stages = asObject(golden["stages"], "stages");
    const model = modelOf("receptive fields of", source, options);
    const judge = new Judge();
    const found = receptiveFieldsOf(stagesOf(model, Object.keys(stages), paths), input);
    for (const stage of Object.keys(stages)) {
      const expected = expectedOf(stages, stage);
      judge.same(
        `the field of ${stage}`,
        found[stage],
        input.slice(1).map(() => expected),
      );
    }
    return judge.outcome();
  });
}

/** Weights that are positive, normalisation that does nothing, averages in the place of maxima: no gradient cancels. */
function makePositive(model: Module): void {
  for (const [, layer] of namedModules(model))
    for (const [key, value] of Object.entries(layer)) {
      const replaced = averaged(value);
      if (replaced !== value) Reflect.set(layer, key, replaced);
    }
  for (const [path, cell] of namedCells(model)) {
    const { shape, dtype } = cell.aval;
    if (dtype !== "float32") continue;
    const size = shape.reduce((product, extent) => product * extent, 1);
    const leaf = path.slice(path.lastIndexOf(".") + 1);
    const unit = leaf === "running_var" || (leaf === "weight" && shape.length === 1) ? 1 : 0;
    cell.load(new Float32Array(size).fill(shape.length > 1 ? at(shape, 0) / size : unit));
  }
}

/** Max pools, be they in lists, by averages over the same windows. */
function averaged(value: unknown): unknown {
  if (value instanceof MaxPool2d) return new AvgPool2d(value.kernel, value.options);
  if (Array.isArray(value) && value.some((item) => isModule(item))) return value.map((item) => averaged(item));
  return value;
}

/** Indices along the axis that are followed at which a gradient is not zero. */
async function placesOf(gradient: Tensor, axis: number): Promise<number[]> {
  const others = gradient.shape.flatMap((_, index) => (index === axis ? [] : [index]));
  const found = await sum(gradient.abs(), others).data();
  return [...found.keys()].filter((place) => found[place] !== 0);
}

/** The sum over channels of the unit in the middle of a stage. */
function middleUnit(stage: Tensor): Tensor {
  const spatial = stage.shape.slice(2).map((length) => Math.floor(length / 2));
  return sum(slice(stage, [0, 0, ...spatial], [1, at(stage.shape, 1), ...spatial.map(() => 1)]));
}

interface Orientation {
  readonly input: readonly number[];
  /** The axis along which pixels are looked at, counted with the batch axis. */
  readonly axis: number;
}

/** A strip serves one axis after the other. */
function orientationsOf([channels = 1, ...spatial]: readonly number[]): Orientation[] {
  const sorted = spatial.toSorted((a, b) => b - a);
  const [longest = 1, ...rest] = sorted;
  return spatial.map((_, axis) => ({ input: [channels, ...rest.toSpliced(axis, 0, longest)], axis: axis + 2 }));
}

/** The pixels on which the gradient of one unit is not zero. */
export function runGradientCase(name: string, golden: JsonObject): Promise<Outcome> {
  return outcomeOf(async () => {
    const { source, options = {}, paths = {}, proof } = caseOf(name);
    if (!proof) throw new Error(`receptive fields of ${name}: no input is told for the gradient`);
    const stages = asObject(golden["stages"], "stages");
    const names = asTexts(golden["proved_by_gradient"], "proved_by_gradient");
    const judge = new Judge();
    for (const { input, axis } of orientationsOf(proof.input)) {
      const model = modelOf("receptive fields of", source, { ...options, ...proof.options });
      makePositive(model);
      const f = stagesOf(model, names, paths);
      const lengths = new Map<string, number>();
      const run = compile(
        (x: Tensor) =>
          Object.fromEntries(
            names.map((stage) => [
              stage,
              grad((y: Tensor) => {
                const output = f(y)[stage];
                if (!output) throw new Error(`there is no stage ${stage}`);
                lengths.set(stage, at(output.shape, axis));
                return middleUnit(output);
              })(x),
            ]),
          ),
        { name: "receptive fields", modules: [model] },
      );
      const gradients = evaluating(() => run(ones([1, ...input])));
      for (const stage of names) {
        const { field, jump, start } = expectedOf(stages, stage);
        const first = start + Math.floor((lengths.get(stage) ?? 0) / 2) * jump;
        const found = gradients[stage];
        judge.same(
          `pixels that move the middle unit of ${stage} (input of ${input.join("x")})`,
          found ? await placesOf(found, axis) : [],
          Array.from({ length: field }, (_, index) => first + index),
        );
      }
      run.clear();
    }
    return judge.outcome();
  });
}
