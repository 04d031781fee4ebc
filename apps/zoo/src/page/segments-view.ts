// The class of every pixel as a coloured map over the image, and which colour is which class.
import type { Segments } from "../messages.ts";
import { classColour } from "./class-colours.ts";
import { contextOf, element, make } from "../../../page/elements.ts";
import { milliseconds, withCommas } from "./numbers.ts";
import { percentOf, tenthsOf } from "./shares.ts";

const svgNamespace = "http://www.w3.org/2000/svg";

/** A square of a colour. Attributes, since the page's policy forbids styles in elements. */
function swatch(index: number): SVGSVGElement {
  const [drawing, square] = [
    document.createElementNS(svgNamespace, "svg"),
    document.createElementNS(svgNamespace, "rect"),
  ];
  drawing.setAttribute("viewBox", "0 0 16 16");
  drawing.setAttribute("aria-hidden", "true");
  const attributes = { width: 16, height: 16, rx: 4, fill: `rgb(${classColour(index).join(" ")})` };
  for (const [name, value] of Object.entries(attributes)) square.setAttribute(name, String(value));
  drawing.append(square);
  return drawing;
}

export class SegmentsView {
  readonly #image = element("seen", HTMLCanvasElement);
  readonly #canvas = element("segments", HTMLCanvasElement);
  readonly #part = element("classes-part", HTMLElement);
  readonly #list = element("classes", HTMLElement);
  readonly #opacity = element("opacity", HTMLInputElement);
  #shown: Segments | undefined;

  constructor() {
    this.#opacity.addEventListener("input", () => this.#fade());
  }

  clear(): void {
    this.#shown = undefined;
    this.#canvas.hidden = true;
    this.#part.hidden = true;
    this.#list.replaceChildren();
  }

  /** Shows the classes of an image's pixels; returns them in words. */
  show(segments: Segments, nameOf: (index: number) => string): string {
    this.#shown = segments;
    this.#draw(segments);
    this.#fade();
    this.#canvas.hidden = false;
    this.#part.hidden = false;
    const { height, width } = segments;
    const isSmaller = height < this.#image.height || width < this.#image.width;
    element("answer-note", HTMLElement).textContent =
      `In ${milliseconds(segments.milliseconds)}, the first time with compiling.` +
      (isSmaller ? ` The model answers for the ${width} × ${height} pixels in the middle.` : "");
    return this.#name(segments, nameOf);
  }

  /** Shows the same with other names. */
  rename(nameOf: (index: number) => string): void {
    if (this.#shown !== undefined) this.#name(this.#shown, nameOf);
  }

  #name({ counts }: Segments, nameOf: (index: number) => string): string {
    const tenths = tenthsOf(counts.map(({ pixels }) => pixels));
    this.#list.replaceChildren(
      ...counts.map(({ index, pixels }, place) => {
        const [item, name, share] = [make("li"), make("span", "name"), make("span", "share")];
        name.textContent = nameOf(index);
        share.textContent = percentOf(tenths[place] ?? 0);
        item.title = `class ${index}: ${withCommas(pixels)} pixels`;
        item.dataset["class"] = String(index);
        item.dataset["pixels"] = String(pixels);
        item.append(swatch(index), name, share);
        return item;
      }),
    );
    const words = counts
      .slice(0, 3)
      .map(({ index }, place) => `${nameOf(index)} ${percentOf(tenths[place] ?? 0)}`)
      .join(", ");
    this.#canvas.ariaLabel = `The class of each pixel: ${words}${counts.length > 3 ? ", and others" : ""}`;
    return words;
  }

  #draw({ height, width, labels }: Segments): void {
    const image = new ImageData(width, height);
    for (const [place, label] of labels.entries()) image.data.set([...classColour(label), 255], 4 * place);
    this.#canvas.width = width;
    this.#canvas.height = height;
    contextOf(this.#canvas).putImageData(image, 0, 0);
    this.#canvas.style.width = `${(100 * width) / this.#image.width}%`;
    this.#canvas.style.height = `${(100 * height) / this.#image.height}%`;
  }

  #fade(): void {
    this.#canvas.style.opacity = String(Number(this.#opacity.value) / 100);
  }
}
