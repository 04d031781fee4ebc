// Chooses the tile of the micro-kernel by a short measurement. Engines differ threefold here: some keep the order of loads, some spill registers.
import { engineFeatures } from "./engine.ts";
import { kernelParameters } from "./kernels/kernel.ts";
import { emitMicroKernel } from "./kernels/micro-kernel.ts";
import { plainTile, tileColumns, type Tile } from "./kernels/tile.ts";
import { instantiateFunction } from "./wasm/instance.ts";
import { ModuleBuilder } from "./wasm/assembler.ts";

function candidates(fused: boolean): Tile[] {
  const shapes: Omit<Tile, "fused">[] = [
    { rows: 6, vectors: 2, unroll: 4, broadcast: "load" },
    { rows: 4, vectors: 2, unroll: 1, broadcast: "load" },
    { rows: 4, vectors: 2, unroll: 1, broadcast: "shuffle" },
    { rows: 4, vectors: 3, unroll: 1, broadcast: "load" },
    { rows: 3, vectors: 3, unroll: 1, broadcast: "load" },
    { rows: 8, vectors: 2, unroll: 1, broadcast: "load" },
  ];
  return [
    ...shapes.map((shape) => ({ ...shape, fused: false })),
    ...(fused ? shapes.map((shape) => ({ ...shape, fused: true })) : []),
  ];
}

const depth = 256;
/** Tiles in one timed call: about a tenth of a millisecond. */
const repetitions = 40;
/** Engines start with simple code and optimise it behind our back: measuring goes on until nothing has got faster for so many milliseconds. */
const quietTime = 40;
const longestTime = 600;

/** A function that runs one tile `repetitions` times from packed panels, all in the first-level cache. */
function trial(tile: Tile): () => void {
  const module = new ModuleBuilder({ shared: false });
  const micro = emitMicroKernel(module, {
    tile,
    rows: tile.rows,
    epilogue: { bias: "none", relu: false },
    source: "packed",
  });
  module.function("run", kernelParameters, [], (f) => {
    const turn = f.local("i32");
    f.i32(0).for(
      turn,
      () => f.i32(repetitions),
      1,
      () => {
        f.get(0)
          .get(1)
          .i32(depth)
          .get(2)
          .i32(tileColumns(tile) * 4)
          .i32(1)
          .i32(1)
          .i32(0)
          .i32(0)
          .i32(0)
          .call(micro);
      },
    );
  });
  const memory = new WebAssembly.Memory({ initial: 2, maximum: 2 });
  const run = instantiateFunction(module.encode(), "run", { memory });
  return () => void run(0, 32768, 65536, 0);
}

async function measure(): Promise<Tile> {
  const entries = candidates(engineFeatures().relaxedMultiplyAdd).map((tile) => ({
    tile,
    run: trial(tile),
    best: Infinity,
  }));
  const start = performance.now();
  let lastGain = start;
  for (let now = start; now - lastGain < quietTime && now - start < longestTime; now = performance.now()) {
    for (const entry of entries) {
      const before = performance.now();
      entry.run();
      const after = performance.now();
      const perElement = (after - before) / (entry.tile.rows * entry.tile.vectors);
      if (perElement < 0.9 * entry.best) lastGain = after;
      entry.best = Math.min(entry.best, perElement);
    }
    // Lets the engine put its better code in place.
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
  }
  return entries.reduce((best, entry) => (entry.best < best.best ? entry : best)).tile;
}

let measured: Promise<Tile> | undefined;

/** The tile to use. Deterministic: always the same one, so that results do not depend on timing or on the processor. */
export function chooseTile(deterministic: boolean): Promise<Tile> {
  if (deterministic) return Promise.resolve(plainTile);
  measured ??= measure();
  return measured;
}
