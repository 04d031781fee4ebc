// A sheet of small pictures: one canvas each, so that they wrap as words do.
import type { Sheet } from "../messages.ts";
import { contextOf, element, make } from "../../../page/elements.ts";
import { imageOf, signedPalette } from "./pixels.ts";

/** Screen pixels that a picture is about as wide as. */
const target = 84;

export class SheetView {
  readonly #host: HTMLElement;
  readonly #note: HTMLElement;
  readonly #what: string;
  #canvases: HTMLCanvasElement[] = [];
  #shown: Sheet | undefined;

  /** `what` is in the plural, for the label. */
  constructor(id: string, what: string) {
    this.#host = element(id, HTMLElement);
    this.#note = element(`${id}-note`, HTMLElement);
    this.#what = what;
  }

  show(sheet: Sheet): void {
    const { count, total, height, width, values } = sheet;
    const before = this.#shown;
    if (before?.count !== count || before.height !== height || before.width !== width) this.#lay(sheet);
    this.#shown = sheet;
    const palette = signedPalette();
    for (const [index, canvas] of this.#canvases.entries()) {
      const picture = values.subarray(index * height * width, (index + 1) * height * width);
      contextOf(canvas).putImageData(imageOf(picture, width, height, palette), 0, 0);
    }
    this.#host.ariaLabel = `${total} ${this.#what} of ${height} by ${width}`;
    this.#note.textContent =
      count < total
        ? `The first ${count} of ${total}, each ${height} × ${width}.`
        : `${total}, each ${height} × ${width}.`;
  }

  /** Shows none, and says why. */
  clear(reason: string): void {
    this.#canvases = [];
    this.#shown = undefined;
    this.#host.replaceChildren();
    this.#host.ariaLabel = `${this.#what}: ${reason}`;
    this.#note.textContent = reason;
  }

  /** Draws what is shown again, in other colours. */
  redraw(): void {
    if (this.#shown !== undefined) this.show(this.#shown);
  }

  #lay({ count, height, width }: Sheet): void {
    const scale = Math.max(1, Math.round(target / Math.max(height, width)));
    this.#canvases = Array.from({ length: count }, () => {
      const canvas = make("canvas");
      canvas.width = width;
      canvas.height = height;
      canvas.style.width = `${width * scale}px`;
      canvas.style.height = `${height * scale}px`;
      return canvas;
    });
    this.#host.replaceChildren(...this.#canvases);
  }
}
