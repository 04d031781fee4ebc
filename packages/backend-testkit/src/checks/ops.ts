// Every op, required or optional, against the reference: random shapes, attributes, dtypes and special values.
import { type Backend, type Graph, type TypedArray, at, requiredOps, showAval } from "@stria/core";
import { cases } from "../cases/index.ts";
import type { Case } from "../cases/case.ts";
import type { Check, Subject } from "../check.ts";
import { difference } from "../compare.ts";
import { oneNode, opNamed, runGraph } from "../graphs.ts";
import { Random } from "../random.ts";

/** More would not say more. */
const mostFaults = 3;

export const opChecks: readonly Check[] = Object.entries(cases).map(([name, make]) => ({
  group: (requiredOps as readonly string[]).includes(name) ? "required op" : "optional op",
  name,
  async run(subject) {
    const faults: string[] = [];
    for (let round = 0; round < subject.rounds && faults.length < mostFaults; round++) {
      const made = make(new Random(subject.seed * 104_729 + round * 7919 + name.length));
      if (takes(subject.backend, name, made)) faults.push(...(await faultsOf(subject, name, made)));
    }
    return faults;
  },
}));

/** A dtype that the backend does not have is left out. */
function takes({ capabilities }: Backend, name: string, { inputs, attrs }: Case): boolean {
  const avals = [...inputs, ...opNamed(name).infer(inputs, attrs)];
  return avals.every(({ dtype }) => capabilities.dtypes.includes(dtype));
}

async function faultsOf({ backend, oracle, slack }: Subject, name: string, made: Case): Promise<string[]> {
  const graph = oneNode(opNamed(name), made);
  const data = made.inputs.map((input) => input.data);
  const where = `${name}(${made.inputs.map((input) => showAval(input)).join(", ")}) ${JSON.stringify(made.attrs)}`;
  const faults: string[] = [];
  const compare = (way: string, found: readonly TypedArray[], wanted: readonly TypedArray[]): void => {
    for (const [index, output] of wanted.entries()) {
      const words = difference(at(found, index), output, made.tolerance, slack);
      if (words !== undefined) faults.push(`${where}, ${way}: result ${index}: ${words}`);
    }
  };
  try {
    const wanted = await runGraph(oracle, graph, data);
    compare("in a program", await runTwice(backend, graph, data), wanted);
    const eager = await execute(backend, name, made);
    if (eager)
      compare(
        "eagerly",
        eager,
        wanted.filter((_, index) => index % 2 === 1),
      );
  } catch (error) {
    faults.push(`${where}: ${String(error)}`);
  }
  return faults;
}

/** Runs on NaN first: a program has no memory of its runs. Then on the data, which must not be written. */
async function runTwice(backend: Backend, graph: Graph, inputs: readonly TypedArray[]): Promise<TypedArray[]> {
  const program = await backend.compile(graph);
  const upload = (data: readonly TypedArray[]) =>
    graph.inputs.map(({ value }, index) => backend.upload(at(data, index), at(graph.values, value)));
  const poison = upload(inputs.map((data) => (data instanceof Float32Array ? data.map(() => Number.NaN) : data)));
  for (const buffer of program.run(poison, [...poison.keys()])) backend.free(buffer);
  const given = upload(inputs);
  const results = program.run(given, []);
  try {
    const found = await Promise.all(results.map((result) => backend.download(result)));
    for (const [index, buffer] of given.entries()) {
      const words = difference(await backend.download(buffer), at(inputs, index), {});
      if (words !== undefined) throw new Error(`input ${index} was written: ${words}`);
    }
    return found;
  } finally {
    for (const buffer of [...given, ...results]) backend.free(buffer);
    program.dispose();
  }
}

async function execute(backend: Backend, name: string, { inputs, attrs }: Case): Promise<TypedArray[] | undefined> {
  const op = opNamed(name);
  const avals = inputs.map(({ shape, dtype }) => ({ shape, dtype }));
  const node = { op, attrs, inputs: avals, outputs: op.infer(avals, attrs) };
  if (!backend.execute || !(backend.executes?.(node) ?? backend.supports(node))) return undefined;
  const given = inputs.map(({ data }, index) => backend.upload(data, at(avals, index)));
  const results = backend.execute(node, given);
  try {
    return await Promise.all(results.map((result) => backend.download(result)));
  } finally {
    for (const buffer of [...given, ...results]) backend.free(buffer);
  }
}
