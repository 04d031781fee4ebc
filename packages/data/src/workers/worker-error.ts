// The error of a loader's worker that ended by itself.
import { StriaError } from "@stria/core";

/** The item that a worker was making. */
interface SampleAtFault {
  readonly index: number;
  /** Its file, where the dataset knows. */
  readonly file?: string | undefined;
}

/**
 * A worker of a loader that could not start, or ended by itself. `worker` is its number, from 0; `index` and `file` say which item it was making, where that
 * is known: it ended at the same item again after it was started anew.
 */
export class LoaderWorkerError extends StriaError {
  readonly worker: number;
  readonly index: number | undefined;
  readonly file: string | undefined;
  constructor(worker: number, fault: string, remedy: string, sample?: SampleAtFault, options?: ErrorOptions) {
    const file = sample?.file === undefined ? "" : ` (${sample.file})`;
    super(
      `loader, worker ${worker}`,
      sample ? `it ended again while it made sample ${sample.index}${file}: ${fault}` : fault,
      remedy,
      options,
    );
    this.worker = worker;
    this.index = sample?.index;
    this.file = sample?.file;
  }
}

/** The error of a worker that ends whenever it makes a sample. */
export function endedAt(worker: number, sample: SampleAtFault, reason: string): LoaderWorkerError {
  return new LoaderWorkerError(
    worker,
    reason,
    'leave the sample out (broken: "skip", filter, subset), or repair what reads or transforms it',
    sample,
  );
}
