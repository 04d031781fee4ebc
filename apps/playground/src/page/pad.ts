// The pad to draw a digit on: by mouse, finger, pen, or keyboard. Lengths are shares of its side.
import { type Point, type Stroke, normaliseStrokes, side } from "../digit/normalise.ts";
import { contextOf, element } from "../../../page/elements.ts";
import { digitImage } from "./pixels.ts";
import { colour } from "../../../page/theme.ts";

export interface PadEvents {
  /** The digit is another one: 28x28 bytes, or undefined for a clean pad. */
  readonly changed: (pixels: Uint8Array<ArrayBuffer> | undefined) => void;
  /** The pen was lifted: the drawing may be complete. */
  readonly lifted: () => void;
  /** Something to tell those who do not see the pad. */
  readonly say: (text: string) => void;
  readonly exampleWanted: (digit: number) => void;
}

const penWidth = 0.075;
const keyStep = 0.05;
const fineStep = 0.01;

const arrows: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

const inside = (value: number): number => Math.min(1, Math.max(0, value));

export class Pad {
  readonly #canvas = element("pad", HTMLCanvasElement);
  readonly #seen = element("seen", HTMLCanvasElement);
  readonly #events: PadEvents;
  #strokes: Stroke[] = [];
  /** The stroke that is being drawn. */
  #stroke: Point[] | undefined;
  #pointer: number | undefined;
  #example: Uint8Array<ArrayBuffer> | undefined;
  /** Where the keyboard's pen is; undefined until it is used. */
  #pen: Point | undefined;
  #waiting = false;

  constructor(events: PadEvents) {
    this.#events = events;
    const canvas = this.#canvas;
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    canvas.addEventListener("pointerup", (event) => this.#up(event));
    canvas.addEventListener("pointercancel", (event) => this.#up(event));
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("blur", () => {
      this.#lift();
      this.#pen = undefined;
      this.redraw();
    });
    element("undo", HTMLButtonElement).addEventListener("click", () => this.undo());
    element("clear", HTMLButtonElement).addEventListener("click", () => this.clear());
    new ResizeObserver(() => this.redraw()).observe(canvas);
    this.redraw();
  }

  /** Puts a digit of 28x28 bytes on the pad. The next stroke wipes it off. */
  showExample(pixels: Uint8Array<ArrayBuffer>): void {
    this.#strokes = [];
    this.#stroke = undefined;
    this.#example = pixels;
    this.#change();
  }

  undo(): void {
    this.#stroke = undefined;
    if (this.#strokes.pop() === undefined) return;
    this.#change();
    this.#events.lifted();
  }

  clear(): void {
    this.#strokes = [];
    this.#stroke = undefined;
    this.#example = undefined;
    this.#change();
    this.#events.say("The pad is clean");
  }

  /** Draws what is on the pad, in the size and the colours that it now has. */
  redraw(): void {
    const canvas = this.#canvas;
    const size = Math.max(1, Math.round(canvas.clientWidth * devicePixelRatio));
    if (canvas.width !== size) canvas.width = canvas.height = size;
    const context = contextOf(canvas);
    context.clearRect(0, 0, size, size);
    if (this.#example !== undefined) this.#drawExample(context, size, this.#example);
    context.strokeStyle = colour("--ink");
    context.lineWidth = penWidth * size;
    context.lineCap = context.lineJoin = "round";
    for (const stroke of this.#all()) {
      const [first] = stroke;
      if (first === undefined) continue;
      context.beginPath();
      context.moveTo(first.x * size, first.y * size);
      for (const { x, y } of stroke) context.lineTo(x * size, y * size);
      context.stroke();
    }
    if (this.#pen !== undefined) this.#drawPen(context, size, this.#pen);
  }

  #all(): Stroke[] {
    return this.#stroke === undefined ? this.#strokes : [...this.#strokes, this.#stroke];
  }

  #drawExample(context: CanvasRenderingContext2D, size: number, pixels: Uint8Array): void {
    const small = new OffscreenCanvas(side, side);
    small.getContext("2d")?.putImageData(digitImage(pixels, side), 0, 0);
    context.drawImage(small, 0, 0, size, size);
  }

  #drawPen(context: CanvasRenderingContext2D, size: number, { x, y }: Point): void {
    context.strokeStyle = context.fillStyle = colour("--accent");
    context.lineWidth = Math.max(2, size / 140);
    context.beginPath();
    context.arc(x * size, y * size, (penWidth * size) / 2 + context.lineWidth, 0, 2 * Math.PI);
    if (this.#stroke === undefined) context.stroke();
    else context.fill();
  }

  #place(event: PointerEvent): Point {
    const { left, top, width, height } = this.#canvas.getBoundingClientRect();
    return { x: inside((event.clientX - left) / width), y: inside((event.clientY - top) / height) };
  }

  #down(event: PointerEvent): void {
    if (event.button !== 0 || this.#pointer !== undefined) return;
    event.preventDefault();
    this.#lift();
    this.#pen = undefined;
    this.#pointer = event.pointerId;
    this.#canvas.setPointerCapture(event.pointerId);
    this.#canvas.focus({ preventScroll: true });
    this.#put(this.#place(event));
  }

  #move(event: PointerEvent): void {
    if (event.pointerId !== this.#pointer) return;
    const events = event.getCoalescedEvents();
    for (const each of events.length > 0 ? events : [event]) this.#stroke?.push(this.#place(each));
    this.#change();
  }

  #up(event: PointerEvent): void {
    if (event.pointerId !== this.#pointer) return;
    this.#pointer = undefined;
    this.#lift();
  }

  /** The pen is put down. */
  #put(point: Point): void {
    this.#example = undefined;
    this.#stroke = [point];
    this.#change();
  }

  #lift(): void {
    if (this.#stroke === undefined) return;
    this.#strokes.push(this.#stroke);
    this.#stroke = undefined;
    this.#change();
    this.#events.lifted();
  }

  #key(event: KeyboardEvent): void {
    if (event.altKey || event.metaKey || (event.ctrlKey && event.key !== "z")) return;
    if (!this.#act(event)) return;
    event.preventDefault();
    this.redraw();
  }

  /** Whether the key means something here. */
  #act({ key, shiftKey }: KeyboardEvent): boolean {
    const arrow = arrows[key];
    if (arrow !== undefined) {
      const from = this.#pen ?? { x: 0.5, y: 0.25 };
      const length = shiftKey ? fineStep : keyStep;
      this.#pen = { x: inside(from.x + arrow.x * length), y: inside(from.y + arrow.y * length) };
      if (this.#stroke !== undefined) {
        this.#stroke.push(this.#pen);
        this.#change();
      }
      return true;
    }
    if (key === " ") {
      this.#pen ??= { x: 0.5, y: 0.25 };
      if (this.#stroke === undefined) this.#put(this.#pen);
      else this.#lift();
      this.#events.say(this.#stroke === undefined ? "Pen up" : "Pen down");
      return true;
    }
    if (key === "Escape" && this.#stroke !== undefined) this.#lift();
    else if (key === "Backspace" || key === "Delete") this.clear();
    else if (key === "z") this.undo();
    else if (/^\d$/.test(key)) this.#events.exampleWanted(Number(key));
    else return false;
    return true;
  }

  /** Tells of the new digit, once a frame. */
  #change(): void {
    if (this.#waiting) return;
    this.#waiting = true;
    requestAnimationFrame(() => {
      this.#waiting = false;
      const pixels = this.#example ?? normaliseStrokes(this.#all());
      this.redraw();
      this.#showSeen(pixels);
      this.#events.changed(pixels);
    });
  }

  #showSeen(pixels: Uint8Array | undefined): void {
    const blank = new Uint8Array(side * side);
    contextOf(this.#seen).putImageData(digitImage(pixels ?? blank, side), 0, 0);
    this.#seen.ariaLabel =
      pixels === undefined ? "What the net sees: nothing yet" : "What the net sees: the digit, centred, 28 by 28";
  }
}
