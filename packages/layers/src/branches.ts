// Containers whose parts see the same input: residual blocks, branches side by side, branches joined.
import { AttributeError, ShapeError, type Tensor, add, concat, sameShape, showShape } from "@stria/core";
import { type Activation, activate, checkActivation } from "./activation.ts";
import { checkOptions } from "./check-options.ts";
import { type Layer, type LayerFactory, Module, inLayer } from "./module.ts";
import { sequential } from "./sequential.ts";

export interface ResidualOptions {
  /** What x goes through where it is added. Default nothing: the identity. */
  readonly shortcut?: Module;
  /** Applied to the sum. Default none. */
  readonly activation?: Activation;
}

/**
 * body(x) + x, or body(x) + shortcut(x) (He et al. 2016). Children: `body`, `shortcut`.
 * @throws ShapeError where what is added differs in shape.
 */
export class Residual extends Module {
  readonly body: Module;
  readonly shortcut: Module | null;
  readonly activation: Activation;

  constructor(body: Module, options: ResidualOptions = {}) {
    super();
    const { shortcut, activation = "identity" } = options;
    checkOptions("Residual", options, { shortcut, activation });
    checkActivation("Residual", activation);
    this.body = body;
    this.shortcut = shortcut ?? null;
    this.activation = activation;
  }

  override forward(x: Tensor): Tensor {
    const [y, passed] = [this.body.forward(x), this.shortcut ? this.shortcut.forward(x) : x];
    return inLayer(this, "Residual", () => {
      if (!sameShape(y.shape, passed.shape))
        throw new ShapeError(
          "Residual",
          `the body gives ${showShape(y.shape)}, the shortcut ${showShape(passed.shape)}`,
          "give a shortcut that changes x likewise, such as a 1x1 convolution of the same stride",
        );
      return activate(add(y, passed), this.activation);
    });
  }
}

/** Several modules on the same input: a list of their results, in order. Children: `branches`. @throws AttributeError for no branches. */
export class Parallel extends Module<[Tensor], Tensor[]> {
  readonly branches: readonly Module[];

  constructor(branches: readonly Module[]) {
    super();
    if (branches.length === 0) throw new AttributeError("Parallel", "there are no branches", "give at least one");
    this.branches = [...branches];
  }

  override forward(x: Tensor): Tensor[] {
    return this.branches.map((branch) => branch.forward(x));
  }
}

/**
 * The results of several modules on the same input, one after the other along `axis`, by default the channels (Szegedy et al. 2015). With an
 * `Identity` among them it is a step of a dense block (Huang et al. 2017). Children: `branches`.
 * @throws AttributeError for no branches; `forward` ShapeError where other axes differ.
 */
export class Concat extends Module {
  readonly branches: readonly Module[];
  readonly axis: number;

  constructor(branches: readonly Module[], axis = 1) {
    super();
    if (branches.length === 0) throw new AttributeError("Concat", "there are no branches", "give at least one");
    this.branches = [...branches];
    this.axis = axis;
  }

  override forward(x: Tensor): Tensor {
    const results = this.branches.map((branch) => branch.forward(x));
    return inLayer(this, "Concat", () => concat(results, this.axis));
  }
}

type Entries = readonly (Layer | LayerFactory)[];

/**
 * A {@link Residual} for `sequential` around a list of layers, whose sizes are worked out; so are those of the shortcut's.
 * @example residual([conv2d(64, 3, { padding: 1 }), batchNorm2d()], { shortcut: [conv2d(64, 1)], activation: "relu" });
 */
export function residual(
  body: Entries,
  options: { readonly shortcut?: Entries; readonly activation?: Activation } = {},
): LayerFactory {
  const { shortcut, activation = "identity" } = options;
  checkOptions("residual", options, { shortcut, activation });
  checkActivation("residual", activation);
  return (inputShape) =>
    new Residual(sequential(body, { inputShape }), {
      activation,
      ...(shortcut && { shortcut: sequential(shortcut, { inputShape }) }),
    });
}

/** A {@link Concat} for `sequential`: lists of layers side by side, whose sizes are worked out. */
export function concatenated(lists: readonly Entries[], axis = 1): LayerFactory {
  return (inputShape) =>
    new Concat(
      lists.map((entries) => sequential(entries, { inputShape })),
      axis,
    );
}
