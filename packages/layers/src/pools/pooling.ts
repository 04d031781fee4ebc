// What pooling layers have in common: they may be bound to a number of spatial axes.
import type { Tensor } from "@stria/core";
import { checkSpatialAxes } from "../check.ts";
import { Module, inLayer } from "../module.ts";

/** A pooling over spatial axes. */
export abstract class Pooling extends Module {
  readonly kind: string;
  readonly axes: number | undefined;

  /** `axes`: how many spatial axes the input must have; any number where it is not given. */
  constructor(kind: string, axes: number | undefined) {
    super();
    this.kind = kind;
    this.axes = axes;
  }

  /** What the layer computes, of an input that has the right number of axes. */
  protected abstract pool(x: Tensor): Tensor;

  /** What `pool` gives, once the input's axes are checked; errors carry the layer's path. */
  protected pooled<T>(x: Tensor, pool: () => T): T {
    return inLayer(this, this.kind, () => {
      if (this.axes !== undefined) checkSpatialAxes(this.kind, x, this.axes);
      return pool();
    });
  }

  override forward(x: Tensor): Tensor {
    return this.pooled(x, () => this.pool(x));
  }
}
