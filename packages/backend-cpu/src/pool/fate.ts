// Whether the backend still lives, and if not, why.
import { BackendError } from "@stria/core";

export class Fate {
  readonly lost: Promise<string>;
  readonly #resolve: (reason: string) => void;
  #reason: string | undefined;

  constructor() {
    let resolve: (reason: string) => void = () => {};
    this.lost = new Promise((settle) => (resolve = settle));
    this.#resolve = resolve;
  }

  get isLost(): boolean {
    return this.#reason !== undefined;
  }

  /** Only the first reason counts. */
  lose(reason: string): void {
    this.#reason ??= reason;
    this.#resolve(reason);
  }

  /** The end that was asked for: `lost` does not report it. */
  end(): void {
    this.#reason ??= "the backend was disposed of";
  }

  error(): BackendError {
    return new BackendError("backend-cpu", this.#reason ?? "the backend is well", "make a new backend with cpu()");
  }

  /** @throws BackendError when the backend is lost. */
  check(): void {
    if (this.isLost) throw this.error();
  }
}
