// In which order of axes each layer of a model works.
import type { Shape } from "@stria/core";
import type { KnownTopology } from "../topology/known-layers.ts";
import type { KerasLayer, KerasTopology } from "../topology/topology.ts";
import { flattenings, isTurned } from "./flatten.ts";
import { type Layout, keptLayout } from "./layout.ts";
import { wantsOf } from "./wants.ts";

/** The order of axes for every call of a model, and what was flattened before its Dense layers. */
export interface Plan {
  /** What a call's inputs are moved to. */
  readonly given: readonly Layout[];
  /** What the layer is told that they are in. */
  readonly told: readonly Layout[];
  /** By Dense layer: the shape, channels last, that a Flatten before it made one axis of. */
  readonly flattened: ReadonlyMap<KerasLayer, Shape>;
}

/** Whether a model's own order has the channels first. */
export function isChannelsFirst(topology: KerasTopology): boolean {
  const formats = topology.layers.flatMap(({ className, config, model }) => {
    const format = config["data_format"];
    if (model) return [isChannelsFirst(model)];
    // A Flatten's says only how it turns maps.
    return typeof format === "string" && className !== "Flatten" ? [format === "channels_first"] : [];
  });
  return formats.length > 0 && formats.every(Boolean);
}

/** Plans one model; those within it have plans of their own. `shapes` are those of the calls' results. */
export function planOf(topology: KerasTopology, shapes: KnownTopology["shapes"], source: string): Plan {
  const ownFirst = isChannelsFirst(topology);
  const rankOf = (call: number): number => shapes[call]?.[0]?.length ?? 0;
  const layouts: Layout[] = [];
  for (const [index, { layer, inputs }] of topology.calls.entries()) {
    const [from] = inputs;
    const kept = ownFirst ? "plain" : keptLayout(rankOf(index));
    const wants = layer.model || !from ? kept : wantsOf(layer, rankOf(from.call), source);
    layouts.push(wants === "any" ? ((from && layouts[from.call]) ?? "plain") : wants);
  }
  const { direct, flattened } = flattenings(topology, shapes, layouts, source);
  const told = layouts.map((layout, call) => (direct.has(call) ? "first" : layout));
  const turned = (call: number): boolean => {
    const layer = topology.calls[call]?.layer;
    return layer !== undefined && isTurned(layer);
  };
  return { given: told.map((layout, call) => (direct.has(call) && turned(call) ? "plain" : layout)), told, flattened };
}
