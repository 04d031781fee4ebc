// One map of a layer, large: a unit of it can be pointed at and chosen.
import { contextOf, element } from "../../../page/elements.ts";

export interface Place {
  readonly row: number;
  readonly column: number;
}

const svgNamespace = "http://www.w3.org/2000/svg";
const steps: Readonly<Record<string, readonly [rows: number, columns: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

export interface UnitEvents {
  /** A unit is pointed at; undefined when none is any more. */
  pointed(place: Place | undefined): void;
  chosen(place: Place): void;
}

export class UnitView {
  readonly #frame = element("large-frame", HTMLElement);
  readonly #canvas = element("large", HTMLCanvasElement);
  readonly #overlay: Element;
  #chosen: Place = { row: 0, column: 0 };

  constructor(events: UnitEvents) {
    const overlay = document.querySelector("#unit");
    if (overlay === null) throw new TypeError("the page has no #unit");
    this.#overlay = overlay;
    this.#frame.addEventListener("pointermove", (event) => events.pointed(this.#placeOf(event)));
    this.#frame.addEventListener("pointerleave", () => events.pointed(undefined));
    this.#frame.addEventListener("click", (event) => this.#choose(this.#placeOf(event), events));
    this.#frame.addEventListener("keydown", (event) => {
      const step = steps[event.key];
      if (step === undefined) return;
      event.preventDefault();
      this.#choose({ row: this.#chosen.row + step[0], column: this.#chosen.column + step[1] }, events);
    });
  }

  get chosen(): Place {
    return this.#chosen;
  }

  #choose(place: Place, events: UnitEvents): void {
    this.mark(place);
    events.chosen(this.#chosen);
  }

  #placeOf(event: MouseEvent): Place {
    const { left, top, width, height } = this.#canvas.getBoundingClientRect();
    return this.#inside({
      row: Math.floor(((event.clientY - top) / height) * this.#canvas.height),
      column: Math.floor(((event.clientX - left) / width) * this.#canvas.width),
    });
  }

  #inside({ row, column }: Place): Place {
    const within = (value: number, length: number): number => Math.max(0, Math.min(length - 1, value));
    return { row: within(row, this.#canvas.height), column: within(column, this.#canvas.width) };
  }

  /** Units without values, the middle one chosen. */
  clear(height: number, width: number): void {
    this.#size(height, width);
    this.mark({ row: Math.floor(height / 2), column: Math.floor(width / 2) });
  }

  show(image: ImageData): void {
    this.#size(image.height, image.width);
    contextOf(this.#canvas).putImageData(image, 0, 0);
    this.mark(this.#chosen);
  }

  #size(height: number, width: number): void {
    this.#canvas.width = width;
    this.#canvas.height = height;
    this.#overlay.setAttribute("viewBox", `0 0 ${width} ${height}`);
    // Long signals are narrow: what is less than a finger wide is drawn wider.
    this.#frame.style.aspectRatio = String(Math.max(0.3, Math.min(3, width / height)));
  }

  mark(place: Place): void {
    this.#chosen = this.#inside(place);
    const rectangle = document.createElementNS(svgNamespace, "rect");
    const places = { x: this.#chosen.column, y: this.#chosen.row, width: 1, height: 1 };
    for (const [name, value] of Object.entries(places)) rectangle.setAttribute(name, String(value));
    this.#overlay.replaceChildren(rectangle);
  }
}
