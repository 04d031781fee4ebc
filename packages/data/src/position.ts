// Where a loader is in its epochs, as what can be saved.
import { AttributeError } from "@stria/core";

/** A place between two batches: plain data, to be kept with a checkpoint and given to `seek`. */
export interface LoaderPosition {
  readonly epoch: number;
  /** Batches of that epoch that were given out. */
  readonly batch: number;
}

/** @throws AttributeError when `value` is no whole number from `least` */
export function checkWhole(value: number, name: string, least: number): void {
  if (!Number.isSafeInteger(value) || value < least)
    throw new AttributeError(
      "loader",
      `${name} ${value} is not a whole number from ${least}`,
      `pass ${name} as a whole number`,
    );
}

/** Keeps count of epochs and batches. */
export class Progress {
  #next: LoaderPosition = { epoch: 0, batch: 0 };
  #place: LoaderPosition = { epoch: 0, batch: 0 };

  get epoch(): number {
    return this.#next.epoch;
  }

  /** Where the latest iteration is; where the next begins, before the first. */
  get position(): LoaderPosition {
    return this.#place;
  }

  seek({ epoch, batch }: LoaderPosition): void {
    checkWhole(epoch, "epoch", 0);
    checkWhole(batch, "batch", 0);
    this.#next = { epoch, batch };
    this.#place = this.#next;
  }

  /** Begins an iteration. Those that began before no longer move the position. */
  begin(): { readonly start: LoaderPosition; readonly given: () => void; readonly ended: () => void } {
    const start = this.#next;
    this.#next = { epoch: start.epoch + 1, batch: 0 };
    let own = start;
    this.#place = own;
    const move = (to: LoaderPosition): void => {
      if (this.#place === own) this.#place = to;
      own = to;
    };
    return {
      start,
      given: () => move({ epoch: own.epoch, batch: own.batch + 1 }),
      ended: () => move({ epoch: own.epoch + 1, batch: 0 }),
    };
  }
}
