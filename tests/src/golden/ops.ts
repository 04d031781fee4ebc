// Runs the cases of an operator golden.
import { type HostTensor, type Tensor } from "@stria/core";
import { type CaseFunction, type Computed, type Depth, caseFunction } from "./ops-graph.ts";
import { type OpsCase, type Tensors, goldenTensor, upload } from "./ops-case.ts";
import { type Outcome, failed, outcomeOf, passed } from "./outcome.ts";
import { type Deviation, describeDeviation, worstDeviation, worstInequality } from "./tolerance.ts";

type Named = Record<string, Tensor>;

function inputsOf(golden: OpsCase, tensors: Tensors): Named {
  return Object.fromEntries(
    golden.inputs.map((name) => [name, upload(goldenTensor(tensors, `${golden.id}/in/${name}`))]),
  );
}

function cotangentsOf(golden: OpsCase, tensors: Tensors): Named {
  return Object.fromEntries(
    golden.outputs.flatMap((name) => {
      const cotangent = tensors.get(`${golden.id}/cotangent/${name}`);
      return cotangent ? [[name, upload(cotangent)]] : [];
    }),
  );
}

interface Check {
  readonly name: string;
  readonly deviation: Deviation;
}

async function compare(
  name: string,
  found: Tensor,
  expected: HostTensor,
  golden: OpsCase,
  slack: number,
): Promise<Check | string> {
  const dtype = expected.dtype === "uint8" ? "bool" : expected.dtype;
  if (found.shape.join() !== expected.shape.join())
    return `${name} has shape [${found.shape.join(", ")}], golden [${expected.shape.join(", ")}]`;
  if (found.dtype !== dtype) return `${name} is ${found.dtype}, golden ${dtype}`;
  const data = await found.data();
  const deviation =
    dtype === "float32"
      ? worstDeviation(data, expected.data, { rtol: golden.rtol * slack, atol: golden.atol * slack })
      : worstInequality(data, expected.data);
  return { name, deviation };
}

async function judge(golden: OpsCase, tensors: Tensors, computed: Computed, slack: number): Promise<Outcome> {
  let worst: Check | undefined;
  for (const part of ["out", "grad", "grad2"] as const) {
    for (const [name, found] of Object.entries(computed[part])) {
      const expected = goldenTensor(tensors, `${golden.id}/${part}/${name}`);
      const check = await compare(`${part}/${name}`, found, expected, golden, part === "grad2" ? 10 * slack : slack);
      if (typeof check === "string") return failed(check);
      if (!worst || check.deviation.ratio > worst.deviation.ratio) worst = check;
    }
  }
  return worst && worst.deviation.ratio > 1 ? failed(describeDeviation(worst.name, worst.deviation)) : passed;
}

function disposeAll(tensors: Iterable<Tensor>): void {
  for (const tensor of tensors) tensor.dispose();
}

async function run(golden: OpsCase, tensors: Tensors, program: CaseFunction, slack: number): Promise<Outcome> {
  const [inputs, cotangents] = [inputsOf(golden, tensors), cotangentsOf(golden, tensors)];
  try {
    await program.ready(inputs, cotangents);
    const computed = program(inputs, cotangents);
    const outcome = await judge(golden, tensors, computed, slack);
    disposeAll(Object.values(computed).flatMap((part: Named) => Object.values(part)));
    return outcome;
  } finally {
    disposeAll([...Object.values(inputs), ...Object.values(cotangents)]);
    program.clear();
  }
}

/** Runs one case on the default backend. `slack` widens the tolerance: 10 on a GPU. */
export function runOpsCase(
  golden: OpsCase,
  tensors: Tensors,
  slack: number,
  depth: Depth = "second gradients",
): Promise<Outcome> {
  return outcomeOf(() => run(golden, tensors, caseFunction(golden, depth), slack));
}
