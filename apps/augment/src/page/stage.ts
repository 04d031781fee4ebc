// A picture with its mask, boxes and key points over it.
import type { Shown } from "../messages.ts";
import { colourOf, rgbOf } from "./class-colours.ts";
import { contextOf, make } from "../../../page/elements.ts";

const svgNamespace = "http://www.w3.org/2000/svg";

function svg(tag: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const made = document.createElementNS(svgNamespace, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
}

/** The pixels of a mask: the colour of each class, and nothing where class 0 is. */
function maskImage({ mask, width, height }: Shown): ImageData {
  const image = new ImageData(width, height);
  for (const [pixel, label] of mask?.entries() ?? []) {
    if (label === 0) continue;
    image.data.set([...rgbOf(label), 255], 4 * pixel);
  }
  return image;
}

export class Stage {
  readonly root: HTMLElement = make("div", "stage");
  readonly #picture = make("canvas", "picture");
  readonly #mask = make("canvas", "mask");
  readonly #marks = document.createElementNS(svgNamespace, "svg");

  constructor() {
    this.#marks.setAttribute("aria-hidden", "true");
    this.#mask.ariaHidden = "true";
    this.#picture.setAttribute("role", "img");
    this.root.append(this.#picture, this.#mask, this.#marks);
  }

  show(shown: Shown, label: string): void {
    const { width, height } = shown;
    for (const canvas of [this.#picture, this.#mask]) [canvas.width, canvas.height] = [width, height];
    contextOf(this.#picture).putImageData(new ImageData(shown.pixels, width, height), 0, 0);
    if (shown.mask) contextOf(this.#mask).putImageData(maskImage(shown), 0, 0);
    this.#picture.ariaLabel = label;
    this.root.style.aspectRatio = `${width} / ${height}`;
    this.root.style.setProperty("--shape", String(width / height));
    this.#marks.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.#marks.replaceChildren(...boxesOf(shown), ...pointsOf(shown));
  }
}

function boxesOf({ boxes, labels }: Shown): SVGElement[] {
  return Array.from(labels ?? [], (label, index) => {
    const [left = 0, top = 0, right = 0, bottom = 0] = boxes?.subarray(4 * index, 4 * index + 4) ?? [];
    const place = { x: left, y: top, width: right - left, height: bottom - top };
    return svg("rect", { ...place, stroke: colourOf(label), "data-label": label });
  });
}

function pointsOf({ points }: Shown): SVGElement[] {
  return Array.from({ length: (points?.length ?? 0) / 2 }, (_, index) => {
    const [x = 0, y = 0] = points?.subarray(2 * index, 2 * index + 2) ?? [];
    // A line without a length has round ends of any width, whatever the scale.
    const group = svg("g", { "data-x": x, "data-y": y });
    group.append(svg("path", { d: `M${x} ${y}h0`, class: "rim" }), svg("path", { d: `M${x} ${y}h0` }));
    return group;
  });
}
