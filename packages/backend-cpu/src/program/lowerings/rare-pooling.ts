// Average pooling, and values at the winners of another pooling.
import { at, type GraphNode } from "@stria/core";
import { addAveragePoolGradientLast, addAveragePoolLast, addMaxPoolGatherLast } from "../channels-last/rare-pooling.ts";
import type { Lowering } from "../lower.ts";
import {
  avgPool as averagePlanes,
  avgPoolGradient as averageGradientPlanes,
  maxPoolGather as gatherPlanes,
} from "./pooling.ts";
import { geometry, last, lastOr } from "./pooling-last.ts";
import { inputOf, type Rule } from "./rule.ts";

function gatherLast(l: Lowering, node: GraphNode): void {
  const [x, indices, y] = [inputOf(node, 0), inputOf(node, 1), at(node.outputs, 0)];
  const buffers = { x: last(l, x), indices: last(l, indices) };
  l.write(y, "channels-last", (target) =>
    addMaxPoolGatherLast(l.builder, geometry(l, node, x, y), { ...buffers, y: target }),
  );
}

function averageLast(l: Lowering, node: GraphNode): void {
  const [x, y] = [inputOf(node, 0), at(node.outputs, 0)];
  const source = last(l, x);
  l.write(y, "channels-last", (target) =>
    addAveragePoolLast(l.builder, geometry(l, node, x, y), { x: source, y: target }),
  );
}

function averageGradientLast(l: Lowering, node: GraphNode): void {
  const [dy, dx] = [inputOf(node, 0), at(node.outputs, 0)];
  const source = last(l, dy);
  l.write(dx, "channels-last", (target) =>
    addAveragePoolGradientLast(l.builder, geometry(l, node, dx, dy), { dy: source, dx: target }),
  );
}

export const maxPoolGather: Rule = lastOr(gatherLast, gatherPlanes);
export const avgPool: Rule = lastOr(averageLast, averagePlanes);
export const avgPoolGradient: Rule = lastOr(averageGradientLast, averageGradientPlanes);
