// The image as the model sees it, and over it what one unit of a layer sees.
import { contextOf, element } from "../../../page/elements.ts";

/** Pixels of the image from `start` on, `field` of them; by rows, then by columns. */
export interface Seen {
  readonly rows: readonly [start: number, field: number];
  readonly columns: readonly [start: number, field: number];
}

const svgNamespace = "http://www.w3.org/2000/svg";

export class ImageView {
  readonly #canvas = element("seen", HTMLCanvasElement);
  readonly #overlay: SVGSVGElement;

  constructor() {
    const overlay = document.querySelector("#field");
    if (!(overlay instanceof SVGSVGElement)) throw new TypeError("the page has no #field");
    this.#overlay = overlay;
  }

  /** An empty image of a size, before there is one. */
  clear(width: number, height: number): void {
    this.#size(width, height);
    contextOf(this.#canvas).clearRect(0, 0, width, height);
    this.#canvas.ariaLabel = "What the model sees: no image yet";
  }

  show(image: ImageData): void {
    this.#size(image.width, image.height);
    contextOf(this.#canvas).putImageData(image, 0, 0);
    this.#canvas.ariaLabel = `What the model sees: an image of ${image.width} by ${image.height} pixels`;
  }

  #size(width: number, height: number): void {
    this.#canvas.width = width;
    this.#canvas.height = height;
    this.#overlay.setAttribute("viewBox", `0 0 ${width} ${height}`);
  }

  /** Draws what a unit sees; nothing where that is not known. */
  mark(seen: Seen | undefined): void {
    if (seen === undefined) return this.#overlay.replaceChildren();
    const { rows, columns } = seen;
    const rectangle = document.createElementNS(svgNamespace, "rect");
    const places = { x: columns[0], y: rows[0], width: columns[1], height: rows[1] };
    for (const [name, value] of Object.entries(places)) rectangle.setAttribute(name, String(value));
    this.#overlay.replaceChildren(rectangle);
  }
}
