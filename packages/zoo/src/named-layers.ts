// Layers one after the other that published weights know by name and not by number: `features.denseblock1.denselayer1`.
import type { Tensor } from "@stria/core";
import { Module } from "@stria/layers";

/** Modules applied in turn. The children are fields with the names given, in their order. */
export class NamedLayers extends Module {
  constructor(layers: Readonly<Record<string, Module>>) {
    super();
    Object.assign(this, layers);
  }

  /** The layers in their order, as they are now. */
  layers(): Module[] {
    const values: unknown[] = Object.values(this);
    return values.filter((value): value is Module => value instanceof Module);
  }

  override forward(x: Tensor): Tensor {
    return this.layers().reduce((y, layer) => layer.forward(y), x);
  }
}
