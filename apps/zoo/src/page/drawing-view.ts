// The drawing of the model: its boxes are chosen with the pointer, or with the arrow keys.
import type { Box } from "../anatomy/anatomy.ts";
import { element } from "../../../page/elements.ts";

const steps: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

export class DrawingView {
  readonly #host = element("drawing", HTMLElement);
  readonly #scroll = element("scroll", HTMLElement);
  readonly #choose: (box: Box) => void;
  #boxes: readonly Box[] = [];
  #chosen = 0;

  constructor(choose: (box: Box) => void) {
    this.#choose = choose;
    this.#host.addEventListener("click", ({ target }) => {
      const group = target instanceof Element ? target.closest("[data-box]") : null;
      if (group !== null) this.#take(Number(group.getAttribute("data-box")));
    });
    this.#host.addEventListener("keydown", (event) => {
      const step = steps[event.key];
      const last = this.#boxes.length - 1;
      const ends: Readonly<Record<string, number>> = { Home: 0, End: last };
      const wanted = step === undefined ? ends[event.key] : Math.max(0, Math.min(last, this.#chosen + step));
      if (wanted === undefined) return;
      event.preventDefault();
      this.#take(wanted);
    });
  }

  /** Shows a drawing, with the box chosen that was at `origin`, or where equal blocks are one, its twin. */
  show(svg: string, boxes: readonly Box[]): void {
    this.#host.innerHTML = svg;
    this.#boxes = boxes;
    this.#chosen = 0;
  }

  /** Marks the box that stands for another, without choosing it. */
  mark(box: Box): void {
    const found =
      this.#boxes.find(({ origin }) => origin === box.origin) ??
      this.#boxes.find(
        ({ path, label }) => path.replace(/\d+/g, "") === box.path.replace(/\d+/g, "") && label === box.label,
      );
    if (found !== undefined) this.#mark(found.id);
  }

  #take(id: number): void {
    const box = this.#boxes[id];
    if (box === undefined) return;
    this.#mark(id);
    this.#choose(box);
  }

  #mark(id: number): void {
    const group = (which: number): Element | null => this.#host.querySelector(`[data-box="${which}"]`);
    group(this.#chosen)?.setAttribute("aria-selected", "false");
    this.#chosen = id;
    const now = group(id);
    now?.setAttribute("aria-selected", "true");
    this.#host.querySelector("svg")?.setAttribute("aria-activedescendant", `box-${id}`);
    if (now === null) return;
    const [box, frame] = [now.getBoundingClientRect(), this.#scroll.getBoundingClientRect()];
    if (box.left < frame.left + 24) this.#scroll.scrollLeft += box.left - frame.left - 60;
    if (box.right > frame.right - 24) this.#scroll.scrollLeft += box.right - frame.right + 60;
  }
}
