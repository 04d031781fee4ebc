// A sheet of a layer's maps, some at a time; drawn a few in each frame, so that the page stays free.
import type { Maps } from "../messages.ts";
import { contextOf, element, make } from "../../../page/elements.ts";
import { withCommas } from "./numbers.ts";
import { imageOf, signedPalette } from "./pixels.ts";

/** Fewer on a phone, where they would be a long way. */
const mapsPerPage = matchMedia("(max-width: 719px)").matches ? 24 : 64;
/** Screen pixels that a map is about as wide as. */
const target = 64;
const millisecondsPerFrame = 8;

export interface MapsEvents {
  /** A map is chosen. */
  chosen(channel: number): void;
}

export class MapsView {
  readonly #host = element("maps", HTMLElement);
  readonly #note = element("maps-note", HTMLElement);
  readonly #earlier = element("earlier", HTMLButtonElement);
  readonly #later = element("later", HTMLButtonElement);
  readonly #pageNote = element("page-note", HTMLElement);
  readonly #each = element("each", HTMLInputElement);
  readonly #events: MapsEvents;
  #maps: Maps | undefined;
  #page = 0;
  #channel = 0;
  /** Counts what is drawn: what was begun before is given up. */
  #turn = 0;

  constructor(events: MapsEvents) {
    this.#events = events;
    this.#earlier.addEventListener("click", () => this.#turnTo(this.#page - 1));
    this.#later.addEventListener("click", () => this.#turnTo(this.#page + 1));
    this.#each.addEventListener("change", () => this.redraw());
    this.#host.addEventListener("click", ({ target: hit }) => {
      const canvas = hit instanceof Element ? hit.closest("canvas") : null;
      if (canvas !== null) this.#choose(Number(canvas.dataset["channel"]));
    });
    this.#host.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (step === undefined || this.#maps === undefined) return;
      event.preventDefault();
      const next = Math.max(0, Math.min(this.#maps.count - 1, this.#channel + step));
      const page = Math.floor(next / mapsPerPage);
      if (page !== this.#page) this.#turnTo(page);
      this.#choose(next);
    });
  }

  get channel(): number {
    return this.#channel;
  }

  /** The values of a map. */
  map(channel: number): Float32Array | undefined {
    if (this.#maps === undefined) return undefined;
    const size = this.#maps.height * this.#maps.width;
    return this.#maps.values.subarray(channel * size, (channel + 1) * size);
  }

  /** What has the full colour in a map: its own largest value, or that of all. */
  largestOf(channel: number): number {
    const values = this.#each.checked ? this.map(channel) : this.#maps?.values;
    let largest = 0;
    for (const value of values ?? []) if (Math.abs(value) > largest) largest = Math.abs(value);
    return largest;
  }

  /** Shows none, and says why. */
  clear(reason: string): void {
    this.#turn++;
    this.#maps = undefined;
    this.#channel = 0;
    this.#page = 0;
    this.#host.replaceChildren();
    this.#host.ariaLabel = `Feature maps: ${reason}`;
    this.#note.textContent = reason;
    this.#pageNote.textContent = "";
    this.#earlier.disabled = this.#later.disabled = true;
  }

  show(maps: Maps): void {
    const isSame = this.#maps?.path === maps.path && this.#maps.count === maps.count;
    this.#maps = maps;
    if (!isSame) this.#channel = 0;
    this.#turnTo(isSame ? this.#page : 0);
    this.#events.chosen(this.#channel);
  }

  /** Draws what is shown again, in other colours. */
  redraw(): void {
    if (this.#maps === undefined) return;
    this.#turnTo(this.#page);
    this.#events.chosen(this.#channel);
  }

  #choose(channel: number): void {
    this.#canvasOf(this.#channel)?.setAttribute("aria-selected", "false");
    this.#channel = channel;
    this.#canvasOf(channel)?.setAttribute("aria-selected", "true");
    this.#host.setAttribute("aria-activedescendant", `map-${channel}`);
    this.#events.chosen(channel);
  }

  #canvasOf(channel: number): HTMLCanvasElement | null {
    return this.#host.querySelector(`#map-${channel}`);
  }

  #turnTo(page: number): void {
    const maps = this.#maps;
    if (maps === undefined) return;
    const pages = Math.ceil(maps.count / mapsPerPage);
    this.#page = Math.max(0, Math.min(pages - 1, page));
    const first = this.#page * mapsPerPage;
    const channels = Array.from({ length: Math.min(mapsPerPage, maps.count - first) }, (_, index) => first + index);
    const canvases = channels.map((channel) => this.#canvas(maps, channel));
    this.#host.replaceChildren(...canvases);
    this.#host.ariaLabel = maps.isVector
      ? "The units of a vector, in lines"
      : `${withCommas(maps.count)} feature maps of ${maps.height} by ${maps.width}`;
    this.#note.textContent = maps.isVector
      ? "A vector, its units in lines."
      : `${withCommas(maps.count)}, each ${maps.height} × ${maps.width}.`;
    this.#pageNote.textContent = pages > 1 ? `${first + 1} to ${first + channels.length}` : "";
    this.#earlier.disabled = this.#page === 0;
    this.#later.disabled = this.#page >= pages - 1;
    this.#draw(canvases, ++this.#turn);
  }

  #canvas({ height, width }: Maps, channel: number): HTMLCanvasElement {
    const canvas = make("canvas");
    canvas.id = `map-${channel}`;
    canvas.role = "option";
    canvas.ariaLabel = `Map ${channel}`;
    canvas.ariaSelected = String(channel === this.#channel);
    canvas.dataset["channel"] = String(channel);
    [canvas.width, canvas.height] = [width, height];
    const scale = target / Math.max(height, width);
    canvas.style.width = `${Math.max(10, width * scale)}px`;
    canvas.style.height = `${Math.max(10, height * scale)}px`;
    return canvas;
  }

  #draw(canvases: readonly HTMLCanvasElement[], turn: number): void {
    const maps = this.#maps;
    if (maps === undefined || turn !== this.#turn) return;
    const palette = signedPalette();
    const begin = performance.now();
    const largest = this.#each.checked ? undefined : this.largestOf(0);
    let drawn = 0;
    for (const canvas of canvases) {
      if (drawn > 0 && performance.now() - begin > millisecondsPerFrame) break;
      const channel = Number(canvas.dataset["channel"]);
      const image = imageOf(
        this.map(channel) ?? [],
        maps.width,
        maps.height,
        largest ?? this.largestOf(channel),
        palette,
      );
      contextOf(canvas).putImageData(image, 0, 0);
      drawn++;
    }
    const rest = canvases.slice(drawn);
    if (rest.length > 0) requestAnimationFrame(() => this.#draw(rest, turn));
    else this.#host.dataset["drawn"] = maps.path;
  }
}
