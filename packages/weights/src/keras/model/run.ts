// Runs the calls of a model one after the other. What each is given is moved to the order of axes that it works in.
import { type Tensor, reshape, tensor } from "@stria/core";
import { refuse } from "../../fault.ts";
import type { KerasCall, KerasLayer, KerasTopology } from "../topology/topology.ts";
import type { KerasUnit } from "./build.ts";
import { type Layout, type Placed, inLayout } from "./layout.ts";
import type { Plan } from "./plan.ts";
import { wantsOf } from "./wants.ts";

/** All that running needs: the single layers' modules, and the plans of the model and of each within it. */
export interface Runnable {
  readonly units: ReadonlyMap<KerasLayer, KerasUnit>;
  readonly plans: ReadonlyMap<KerasTopology, Plan>;
  readonly source: string;
}

/** Tensors where the call has tensors, numbers where it has numbers. */
function withConstants(inputs: readonly Placed[], { constants }: KerasCall, layout: Layout): Tensor[] {
  const rest = inputs.map((input) => inLayout(input, layout));
  if (constants.every((value) => value === null)) return rest;
  return constants.flatMap((value) => (value === null ? rest.splice(0, 1) : [tensor(value)]));
}

/** One layer, of inputs in any order of axes: moved to `given`, which the layer is told is `told`. */
function runLayer(
  call: KerasCall,
  inputs: readonly Placed[],
  runnable: Runnable,
  given?: Layout,
  told: Layout | undefined = given,
): Placed[] {
  const { layer } = call;
  const [first] = inputs;
  if (layer.model) return runModel(layer.model, inputs, runnable);
  if (!first) return refuse(runnable.source, `layer ${JSON.stringify(layer.name)} is given no tensor`);
  if (layer.className === "TimeDistributed") return [timeDistributed(call, first, runnable)];
  const wants = given ?? wantsOf(layer, first.tensor.rank - 1, runnable.source);
  const layout = wants === "any" ? first.layout : wants;
  const unit = runnable.units.get(layer);
  if (!unit) return refuse(runnable.source, `layer ${JSON.stringify(layer.name)} is not built`);
  const result = unit.forward(withConstants(inputs, call, layout), told ?? layout);
  return [{ tensor: result, layout: result.rank < 3 ? "plain" : layout }];
}

/** The steps are the examples of one larger batch. */
function timeDistributed({ layer }: KerasCall, input: Placed, runnable: Runnable): Placed {
  const x = inLayout(input, "plain");
  const [batch = 1, time = 1, ...shape] = x.shape;
  const inner = layer.wrapped.get("layer");
  if (!inner) return refuse(runnable.source, `layer ${JSON.stringify(layer.name)} wraps no layer`);
  const steps: Placed = { tensor: reshape(x, [batch * time, ...shape]), layout: "plain" };
  const once: KerasCall = { layer: inner, inputs: [], constants: [null], keywords: [] };
  const [result] = runLayer(once, [steps], runnable);
  if (!result) return refuse(runnable.source, `layer ${JSON.stringify(inner.name)} gives no tensor`);
  const y = inLayout(result, "plain");
  return { tensor: reshape(y, [batch, time, ...y.shape.slice(1)]), layout: "plain" };
}

/** What a model gives for its inputs. */
export function runModel(topology: KerasTopology, inputs: readonly Placed[], runnable: Runnable): Placed[] {
  const plan = runnable.plans.get(topology);
  const results: (readonly Placed[])[] = [];
  const given = new Map(topology.inputs.map(({ call }, index) => [call, inputs[index]]));
  const result = (call: number, index: number): Placed =>
    results[call]?.[index] ??
    refuse(runnable.source, `the model wants result ${index} of call ${call}, which is not there`);
  for (const [index, call] of topology.calls.entries()) {
    const input = given.get(index);
    if (call.layer.className === "InputLayer" && input) {
      const layout = plan?.given[index] ?? "plain";
      results.push([{ tensor: inLayout(input, layout), layout }]);
    } else {
      const from = call.inputs.map((one) => result(one.call, one.result));
      results.push(runLayer(call, from, runnable, plan?.given[index], plan?.told[index]));
    }
  }
  return topology.outputs.map((output) => result(output.call, output.result));
}
