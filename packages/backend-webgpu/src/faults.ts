// WebGPU reports a wrong program or a full memory later than the call at fault. This finds the tensors that such a report makes worthless.

interface Fault {
  readonly from: number;
  to: number;
  readonly error: Error;
}

/**
 * Every tensor gets a tick of a clock when it is made. An error reported now may concern anything made since the last tick that is known
 * to be well: all of it counts as failed, and whatever is computed from it.
 */
export class Faults {
  #clock = 0;
  #verified = 0;
  readonly #faults: Fault[] = [];

  /** The tick of a tensor made now. */
  tick(): number {
    return ++this.#clock;
  }

  get now(): number {
    return this.#clock;
  }

  /** WebGPU reported an error. */
  report(error: Error): void {
    const last = this.#faults.at(-1);
    if (last && last.to > this.#verified) last.to = this.#clock;
    else this.#faults.push({ from: this.#verified + 1, to: this.#clock, error });
  }

  /** The device has finished everything up to tick `tick`, and no more reports about it will come. */
  verify(tick: number): void {
    this.#verified = Math.max(this.#verified, tick);
  }

  /** The error that a tensor made at `tick` suffers from. */
  at(tick: number): Error | undefined {
    return this.#faults.find((fault) => fault.from <= tick && tick <= fault.to)?.error;
  }
}
