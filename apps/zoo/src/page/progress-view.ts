// How much of a file has come.
import type { FromWorker } from "../messages.ts";
import { element } from "../../../page/elements.ts";

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

export class ProgressView {
  readonly #part = element("progress-part", HTMLElement);
  readonly #bar = element("progress", HTMLProgressElement);
  readonly #note = element("progress-note", HTMLElement);

  clear(): void {
    this.#part.hidden = true;
    this.#note.textContent = "";
  }

  show({ file, received, total }: Extract<FromWorker, { readonly type: "progress" }>): void {
    this.#part.hidden = false;
    this.#note.textContent = `${file}: ${megabytes(received)} ${total === undefined ? "" : `of ${megabytes(total)} `}MB`;
    if (total === undefined) return this.#bar.removeAttribute("value");
    this.#bar.max = total;
    this.#bar.value = received;
  }
}
