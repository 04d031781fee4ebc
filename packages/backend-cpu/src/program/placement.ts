// Concatenation in place: what is put side by side along the channels is written there by those who make it, and no copy is made.
import { at } from "@stria/core";
import { isItself, type Classified } from "./classify.ts";

/** Where a value lies that is a run of another value's channels. */
export interface Placement {
  /** The root in whose memory it lies. */
  readonly host: number;
  /** The first of the host's channels that are its own. */
  readonly channel: number;
}

/** Kernels that write pixels farther apart than their channels. */
const writers: ReadonlySet<string> = new Set(["conv", "convTranspose", "concat"]);

function canBePlaced(c: Classified, root: number): boolean {
  const producer = at(c.producers, root);
  return (
    producer >= 0 &&
    at(c.orders, root) === "channels-last" &&
    (at(c.kinds, producer) === "map" || writers.has(at(c.graph.nodes, producer).op.name))
  );
}

/** The values that can lie inside the concatenation that reads them. Each lies in the last one of several, which is the widest where they grow. */
export function placementsOf(c: Classified): ReadonlyMap<number, Placement> {
  const placements = new Map<number, Placement>();
  for (const node of c.graph.nodes) {
    const host = at(node.outputs, 0);
    if (node.op.name !== "concat" || node.attrs["axis"] !== 1 || at(c.orders, host) !== "channels-last") continue;
    let channel = 0;
    const here = new Set<number>();
    for (const input of node.inputs) {
      const { root } = at(c.sources, input);
      if (isItself(c, input) && !here.has(root) && canBePlaced(c, root)) {
        placements.set(root, { host, channel });
        here.add(root);
      }
      channel += at(at(c.graph.values, input).shape, 1);
    }
  }
  return placements;
}
