// Chooses the tile of the micro-kernel by a short measurement, where that is asked for. Engines differ threefold here: some keep the order of loads, some
// spill registers.
import { at, BackendError } from "@stria/core";
import { engineFeatures } from "./engine.ts";
import { kernelParameters } from "./kernels/kernel.ts";
import { emitMicroKernel } from "./kernels/micro-kernel.ts";
import { tileColumns, type Tile } from "./kernels/tile.ts";
import { startThread } from "./pool/workers.ts";
import { instantiate } from "./wasm/instance.ts";
import { ModuleBuilder } from "./wasm/assembler.ts";

/** The tiles to choose from. */
export function candidates(fused: boolean): Tile[] {
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

/** A module whose `run` multiplies one tile `repetitions` times from packed panels, all in the first-level cache. */
function trial(tile: Tile): Uint8Array<ArrayBuffer> {
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
  return module.encode();
}

/** Milliseconds that each trial takes now. */
interface Stopwatch {
  round(): Promise<readonly number[]>;
  stop(): void;
}

/** Measures on this thread, with a turn of the event loop in every round: it lets the engine put its better code in place. */
function localStopwatch(trials: readonly Uint8Array<ArrayBuffer>[]): Stopwatch {
  const runs = trials.map((bytes) =>
    instantiate(bytes, { memory: new WebAssembly.Memory({ initial: 2, maximum: 2 }) }).function("run"),
  );
  return {
    async round() {
      const times = runs.map((run) => {
        const start = performance.now();
        run(0, 32768, 65536, 0);
        return performance.now() - start;
      });
      await new Promise<void>((resolve) => setTimeout(resolve, 0));
      return times;
    },
    stop() {},
  };
}

/** Runs of a trial in one measurement on a thread of its own: clocks of pages that are not isolated tick every tenth of a millisecond. */
const timesElsewhere = 8;

/** Measures in a worker, for the thread of a page. */
async function workerStopwatch(trials: readonly Uint8Array<ArrayBuffer>[]): Promise<Stopwatch> {
  let settle: (times: readonly number[]) => void = () => {};
  let fail: (error: Error) => void = () => {};
  const worker = startThread({ role: "timer", trials }, (reason) =>
    fail(new BackendError("backend-cpu", `${reason} while it was measuring`, "call cpu() again")),
  );
  worker.onMessage(({ times }) => settle(Array.isArray(times) ? times.map(Number) : []));
  worker.keepProcess(true);
  await worker.ready;
  return {
    round: () =>
      new Promise((resolve, reject) => {
        [settle, fail] = [resolve, reject];
        worker.post({ times: timesElsewhere }, []);
      }),
    stop: () => worker.stop(),
  };
}

async function measure(elsewhere: boolean): Promise<Tile> {
  const entries = candidates(engineFeatures().relaxedMultiplyAdd).map((tile) => ({ tile, best: Infinity }));
  const trials = entries.map(({ tile }) => trial(tile));
  const stopwatch = await (elsewhere ? workerStopwatch(trials) : localStopwatch(trials));
  try {
    const start = performance.now();
    let lastGain = start;
    for (let now = start; now - lastGain < quietTime && now - start < longestTime; now = performance.now()) {
      for (const [index, time] of (await stopwatch.round()).entries()) {
        const entry = at(entries, index);
        const perElement = time / (entry.tile.rows * entry.tile.vectors);
        if (perElement < 0.9 * entry.best) lastGain = performance.now();
        entry.best = Math.min(entry.best, perElement);
      }
    }
  } finally {
    stopwatch.stop();
  }
  return fastest(entries);
}

/** How many times faster a tile without fused multiply-add has to be. */
const clearlyFaster = 1.25;

/**
 * The tile to use of those measured. A fused one needs fewer instructions and registers, of which other kernels than the measured one have more use; and on
 * a busy machine an engine may not have optimised its code in time.
 */
export function fastest(entries: readonly { readonly tile: Tile; readonly best: number }[]): Tile {
  const time = ({ tile, best }: (typeof entries)[number]): number => (tile.fused ? best / clearlyFaster : best);
  return entries.reduce((best, entry) => (time(entry) < time(best) ? entry : best)).tile;
}

let measured: Promise<Tile> | undefined;

/** The fastest tile here. Measured once, in a worker where the calling thread is to stay free. */
export function measureTile(elsewhere: boolean): Promise<Tile> {
  measured ??= measure(elsewhere);
  measured.catch(() => (measured = undefined)); // what failed may be allowed the next time
  return measured;
}
