// What a model computes on its way: the outputs of layers inside it, by their paths.
import { AttributeError, type Tensor, isModule, namedModules } from "@stria/core";
import { firstTensor } from "./summary/first-tensor.ts";
import { aroundCalls } from "./summary/observe.ts";
import { Module } from "./module.ts";

const mostListed = 12;

/** Paths of a model's layers that have a `forward`, the outermost first. */
function pathsOf(model: object): string[] {
  return [...namedModules(model)]
    .flatMap(([path, layer]) => (path !== "" && "forward" in layer ? [path] : []))
    .toSorted((a, b) => a.split(".").length - b.split(".").length);
}

/** The layer at a path. It is looked up at each call, since layers may be replaced; a walk of the model would rename what is part of a larger one. */
function layerAt(model: object, path: string): object | undefined {
  let node: unknown = model;
  for (const name of path.split("."))
    node = typeof node === "object" && node !== null && Object.hasOwn(node, name) ? Reflect.get(node, name) : undefined;
  return isModule(node) && "forward" in node ? node : undefined;
}

function layerOf(model: object, path: string): object {
  const layer = layerAt(model, path);
  if (layer) return layer;
  const known = pathsOf(model);
  const more = known.length > mostListed ? ", ..." : "";
  throw new AttributeError(
    "features",
    `the model has no layer "${path}"`,
    `use paths of its layers: ${known.slice(0, mostListed).join(", ")}${more}`,
  );
}

/** See {@link features}. */
export class Features<Inputs extends readonly unknown[], Path extends string> extends Module<
  Inputs,
  Readonly<Record<Path, Tensor>>
> {
  readonly model: Module<Inputs, unknown>;
  /** Paths of the layers in the model, in the order in which they were named. */
  readonly paths: readonly Path[];

  constructor(model: Module<Inputs, unknown>, paths: readonly Path[]) {
    super();
    if (!isModule(model)) throw new AttributeError("features", "the first argument is no module", "pass a model");
    if (paths.length === 0)
      throw new AttributeError("features", "no layer is named", "pass paths of layers, such as layer1");
    for (const path of paths) layerOf(model, path);
    this.model = model;
    this.paths = paths;
  }

  /** The model's inputs -> the outputs of the named layers, by path. @throws AttributeError for a layer that is not called, or gives no tensor. */
  override forward(...inputs: Inputs): Readonly<Record<Path, Tensor>> {
    const { model, paths } = this;
    const outputs = new Map<string, Tensor | undefined>();
    const layers = paths.map((path): [string, object] => [path, layerOf(model, path)]);
    const around = (path: string, _: object, run: () => unknown): unknown => {
      const output = run();
      outputs.set(path, firstTensor(output));
      return output;
    };
    aroundCalls(layers, around, () => model.forward(...inputs));
    const entries = paths.map((path): [Path, Tensor] => {
      const output = outputs.get(path);
      if (output) return [path, output];
      const fault = outputs.has(path) ? "gives no tensor" : "is not called for this input";
      throw new AttributeError("features", `the layer "${path}" ${fault}`, "name another layer");
    });
    return Object.fromEntries(entries) as Record<Path, Tensor>;
  }
}

/**
 * A module of the same inputs that returns the outputs of layers inside `model`, by their paths (of a result that holds several tensors the first; of a
 * layer that is called several times the last). It shares the model's parameters and changes nothing of it. The model is run whole; in a compiled function what
 * the outputs do not need is left out.
 * @throws AttributeError that lists the model's layers where a path is none of theirs.
 * @example
 * const backbone = features(resnet20(), ["layer2", "layer3"]);
 * const { layer2, layer3 } = backbone.forward(images); // [N, 32, 16, 16] and [N, 64, 8, 8]
 */
export function features<Inputs extends readonly unknown[], Path extends string>(
  model: Module<Inputs, unknown>,
  paths: readonly Path[],
): Features<Inputs, Path> {
  return new Features(model, paths);
}
