// What the module of a loader's worker calls: from then on the worker makes batches.
import { AttributeError, setSeed } from "@stria/core";
import type { Batch } from "../batch.ts";
import type { Finished } from "../batch-maker.ts";
import { type Dataset, isIterableDataset, type IterableDataset } from "../dataset.ts";
import type { LoaderOptions } from "../loader.ts";
import { JobMaker } from "./job-maker.ts";
import type { Job, MadeBatch, Served, WorkerSettings } from "./messages.ts";
import { plainError } from "./plain-error.ts";
import { cannotBeSent, plainValue } from "./plain-value.ts";
import { allocatorIn, buffersOf, intoShared } from "./slot.ts";
import { type WorkerPort, workerPort } from "./worker-port.ts";

/** What a worker makes batches of: the same as the loader is given. */
export interface ServedBatches<Item, Ready = Item, Made = Batch<Ready>> extends Pick<
  LoaderOptions<Item, Ready, Made>,
  "transform" | "collate"
> {
  readonly dataset: Dataset<Item> | IterableDataset<Item>;
}

async function packed(
  { items, skipped, content }: Finished<unknown>,
  job: Job,
  shared: boolean,
): Promise<readonly [MadeBatch, ArrayBuffer[]]> {
  if (!("host" in content))
    return [{ items, skipped, content: { plain: await plainValue(content.value) }, slot: job.slot }, []];
  const { host, masked } = content;
  if (!shared) return [{ items, skipped, content, slot: undefined }, buffersOf(host)];
  const { batch, slot } = intoShared(host, job.slot);
  return [{ items, skipped, content: { host: batch, masked }, slot }, []];
}

/** @throws AttributeError for what JavaScript may give in place of a dataset */
function servedBy({ dataset, transform, collate }: ServedBatches<unknown, unknown, unknown>): Served {
  const given: unknown = dataset;
  if (typeof given !== "object" || given === null || !("get" in given || Symbol.asyncIterator in given))
    throw new AttributeError(
      "serveBatches",
      `its dataset is ${given instanceof Promise ? "a Promise" : typeof given}`,
      "pass { dataset, transform }, the dataset awaited, or a function that gives them",
    );
  return {
    length: isIterableDataset(dataset) ? undefined : dataset.length,
    fields: { ...dataset.fields },
    transform: transform !== undefined,
    collate: collate !== undefined,
  };
}

/** Serves until the worker ends. */
function serve(port: WorkerPort, given: ServedBatches<unknown, unknown, unknown>, settings: WorkerSettings) {
  const { dataset, transform, collate } = given;
  const served = servedBy(given);
  const name = isIterableDataset(dataset) ? undefined : dataset.nameOf?.bind(dataset);
  const maker = new JobMaker(dataset, { ...settings, transform, collate, name }, settings.number, ({ id }, beginning) =>
    port.post({ loader: true, kind: "begins", id, ...beginning }, []),
  );
  port.post({ loader: true, kind: "ready", served }, []);

  async function make(job: Job): Promise<void> {
    const { id, slot } = job;
    try {
      const finished = await maker.make(job, allocatorIn(slot));
      if (!finished) return port.post({ loader: true, kind: "end", id }, []);
      const [batch, transfer] = await packed(finished, job, settings.shared);
      try {
        port.post({ loader: true, kind: "made", id, batch }, transfer);
      } catch (cause) {
        throw cannotBeSent(cause);
      }
    } catch (error) {
      port.post({ loader: true, kind: "failed", id, error: plainError(error) }, []);
    }
  }

  let line: Promise<void> = Promise.resolve();
  return {
    make: (job: Job): void => void (line = line.then(() => make(job))),
    leave: (pass: number): void => void (line = line.then(() => maker.leave(pass))),
  };
}

/**
 * Makes this worker one of a loader: `serveBatches({ dataset, transform })`, with what the loader itself is given. The module that calls it is what the loader's
 * `workers.start` names, and is run by its workers only. It may `await` before, and takes a function too, which gets `workers.data`.
 * @throws AttributeError where this is no worker. What goes wrong later is thrown where the loader is iterated
 * @example
 * // dataset.worker.ts, beside a dataset.ts that exports what both threads use
 * import { serveBatches } from "@stria/data";
 * import { train, transform } from "./dataset.ts";
 * serveBatches({ dataset: train, transform });
 */
export function serveBatches<Item, Ready = Item, Made = Batch<Ready>>(
  batches:
    | ServedBatches<Item, Ready, Made>
    | ((data: unknown) => ServedBatches<Item, Ready, Made> | Promise<ServedBatches<Item, Ready, Made>>),
): void {
  const port = workerPort();
  let started: Promise<ReturnType<typeof serve> | undefined> = Promise.resolve(undefined);
  async function start(settings: WorkerSettings): Promise<ReturnType<typeof serve> | undefined> {
    try {
      await port.hold(settings.lock);
      setSeed(settings.root);
      const given = typeof batches === "function" ? await batches(settings.data) : batches;
      return serve(port, given as ServedBatches<unknown, unknown, unknown>, settings);
    } catch (error) {
      port.post({ loader: true, kind: "failed", error: plainError(error) }, []);
      return undefined;
    }
  }
  port.listen((message) => {
    if (message.kind === "start") started = start(message.settings);
    else if (message.kind === "make") void started.then((serving) => serving?.make(message.job));
    else void started.then((serving) => serving?.leave(message.pass));
  });
  port.post({ loader: true, kind: "hello" }, []);
}
