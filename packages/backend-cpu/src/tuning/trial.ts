// One pass of a convolution by one algorithm, as a program of its own on made-up numbers.
import { at, type Aval, type DeviceBuffer, type Graph, sizeOf } from "@stria/core";
import type { BlockStore } from "../memory/buffer.ts";
import { inOneGo, type Pieces } from "../pieces.ts";
import type { Pool } from "../pool/pool.ts";
import type { Algorithm, Pass } from "../program/channels-last/algorithms.ts";
import { addPixelConvolution, addPixelInputGradient, addPixelWeightGradient } from "../program/channels-last/choose.ts";
import type { ConvolutionGeometry } from "../program/convolution.ts";
import { assemble, type CpuExecutable } from "../program/executable.ts";
import { type BufferId, ProgramBuilder } from "../program/steps.ts";
import type { Tile } from "../kernels/tile.ts";

/** The arrays of a pass: what it reads, and what it makes. */
function arraysOf(g: ConvolutionGeometry, pass: Pass): readonly Aval[] {
  const [x, weight, y]: readonly Aval[] = [
    [g.batch, ...g.input, g.channels],
    [g.outputs, g.channels / g.groups, ...g.kernel],
    [g.batch, ...g.places, g.outputs],
  ].map((shape) => ({ shape, dtype: "float32" }));
  if (!x || !weight || !y) return [];
  if (pass === "forward") return [x, weight, y];
  return pass === "input gradient" ? [y, weight, x] : [x, y, weight];
}

function* addPass(
  builder: ProgramBuilder,
  tile: Tile,
  g: ConvolutionGeometry,
  pass: Pass,
  algorithm: Algorithm,
  [first, second, made]: readonly [BufferId, BufferId, BufferId],
): Pieces<void> {
  const way = { algorithm, tile };
  const [a, b, c] = [first, second, made].map((buffer) => ({ buffer, offset: 0 }));
  if (!a || !b || !c) return;
  if (pass === "forward")
    yield* addPixelConvolution(builder, way, g, { x: a, weight: second, y: c, bias: undefined }, { relu: false });
  else if (pass === "input gradient")
    yield* addPixelInputGradient(builder, way, g, { dy: a, weight: second, dx: c, bias: undefined }, { relu: false });
  else yield* addPixelWeightGradient(builder, way, g, { x: a, dy: b, dw: made });
}

/** Numbers of the size of activations, none of them subnormal. */
function madeUp(size: number): Float32Array<ArrayBuffer> {
  const data = new Float32Array(size);
  for (let index = 0; index < size; index++) data[index] = ((index * 7919) % 1021) / 1021 - 0.5;
  return data;
}

/** Runs that are timed together where workers compute: it takes some time to tell them, and clocks of pages that are not isolated tick every tenth of a millisecond. */
const runsElsewhere = 8;

export class Trial {
  readonly #pool: Pool;
  readonly #store: BlockStore;
  readonly #inputs: readonly DeviceBuffer[];
  readonly #executables: CpuExecutable[] = [];

  constructor(pool: Pool, store: BlockStore, g: ConvolutionGeometry, pass: Pass) {
    this.#pool = pool;
    this.#store = store;
    this.#inputs = arraysOf(g, pass)
      .slice(0, 2)
      .map((aval) => store.wrap(aval, store.filled(madeUp(sizeOf(aval.shape)))));
  }

  /** A function that runs the pass once, by this algorithm; weights that stay are made ready by the first run. */
  async prepare(
    g: ConvolutionGeometry,
    pass: Pass,
    algorithm: Algorithm,
    { tile, keepsWeights }: { readonly tile: Tile; readonly keepsWeights: boolean },
  ): Promise<() => Promise<void>> {
    const values = arraysOf(g, pass);
    const builder = new ProgramBuilder(this.#pool.threads);
    builder.keepsPreparation = keepsWeights;
    const [first, second] = [builder.input(0), builder.input(1)];
    const made = builder.local(sizeOf(at(values, 2).shape) * 4);
    await inOneGo(addPass(builder, tile, g, pass, algorithm, [first, second, made]));
    const graph: Graph = {
      values,
      inputs: [0, 1].map((value) => ({
        value,
        role: keepsWeights && value === 1 ? "param" : "data",
        name: `input${value}`,
      })),
      nodes: [],
      constants: [],
      outputs: [{ value: 2, name: "output" }],
      writebacks: [],
    };
    const program = { builder, results: [made], turned: [], choices: new Map(), orderOf: () => "row-major" as const };
    const executable = await inOneGo(assemble(graph, program, this.#pool, this.#store));
    this.#executables.push(executable);
    return async () => {
      let ticket = 0;
      for (let run = 0; run < (this.#pool.inline ? 1 : runsElsewhere); run++)
        for (const output of executable.run(this.#inputs, [])) {
          ({ filledBy: ticket } = this.#store.of(output).block);
          this.#store.free(output);
        }
      // Workers answer when all before is done.
      await this.#pool.read(0, "uint8", 0, ticket);
    };
  }

  dispose(): void {
    for (const executable of this.#executables) executable.dispose();
    for (const input of this.#inputs) this.#store.free(input);
  }
}
