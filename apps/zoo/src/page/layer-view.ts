// The layer that is chosen: what it is, its maps, and what one of its units sees.
import { type Box, mapSize, showSize } from "../anatomy/anatomy.ts";
import type { Maps } from "../messages.ts";
import { element, make } from "../../../page/elements.ts";
import type { ImageView, Seen } from "./image-view.ts";
import { MapsView } from "./maps-view.ts";
import { fieldOf } from "./model-view.ts";
import { short, shown, withCommas } from "./numbers.ts";
import { imageOf, signedPalette } from "./pixels.ts";
import { type Place, UnitView } from "./unit-view.ts";

/** The part of the input that a unit sees along an axis, and how much of that is inside. */
function along(start: number, field: number, length: number): { first: number; last: number; inside: number } {
  const [first, last] = [Math.max(0, start), Math.min(length, start + field) - 1];
  return { first, last, inside: Math.max(0, last - first + 1) };
}

export class LayerView {
  readonly #image: ImageView;
  readonly #units: UnitView;
  readonly #maps: MapsView;
  readonly #note = element("unit-note", HTMLElement);
  readonly #value = element("unit-value", HTMLElement);
  readonly #fieldNote = element("field-note", HTMLElement);
  #box: Box | undefined;
  #input: readonly number[] = [];
  #shown: Maps | undefined;

  constructor(image: ImageView) {
    this.#image = image;
    this.#units = new UnitView({
      pointed: (place) => (this.#value.textContent = place === undefined ? "" : this.#sayValue(place)),
      chosen: () => this.#see(),
    });
    this.#maps = new MapsView({ chosen: (channel) => this.#enlarge(channel) });
  }

  /** Another model, whose inputs have a shape. */
  open(inputShape: readonly number[]): void {
    this.#input = inputShape;
  }

  /** Shows a layer, its maps to come. */
  show(box: Box, reason: string): void {
    this.#box = box;
    this.#shown = undefined;
    const { height, width } = mapSize(box);
    element("layer-name", HTMLElement).textContent = box.path === "" ? "" : box.path;
    element("layer-words", HTMLElement).textContent =
      [box.words, ...box.after].join(", then ") + (box.repeat > 1 ? `; the last of ${box.repeat} equal blocks` : "");
    const figures: readonly (readonly [string, string])[] = [
      ["Map", showSize(box.shape)],
      ["Parameters", withCommas(box.parameters)],
      ["Multiply-adds", short(box.multiplyAdds)],
      ["A unit sees", fieldOf(box)],
    ];
    element("layer-figures", HTMLElement).replaceChildren(
      ...figures.map(([name, text]) => {
        const [group, term, description] = [make("div"), make("dt"), make("dd")];
        term.textContent = name;
        description.textContent = text;
        group.append(term, description);
        return group;
      }),
    );
    this.#maps.clear(reason);
    this.#units.clear(height, width);
    this.#see();
  }

  showMaps(maps: Maps): void {
    this.#shown = maps;
    this.#maps.show(maps);
  }

  redraw(): void {
    this.#maps.redraw();
  }

  #enlarge(channel: number): void {
    const [maps, values] = [this.#shown, this.#maps.map(channel)];
    if (maps === undefined || values === undefined) return;
    this.#units.show(imageOf(values, maps.width, maps.height, this.#maps.largestOf(channel), signedPalette()));
    this.#see();
  }

  #valueAt({ row, column }: Place): number | undefined {
    return this.#maps.map(this.#maps.channel)?.[row * (this.#shown?.width ?? 1) + column];
  }

  #nameOf({ row, column }: Place): string {
    if (this.#shown?.isVector === true) return `unit ${row * this.#shown.width + column}`;
    return `map ${this.#maps.channel}, row ${row}, column ${column}`;
  }

  #sayValue(place: Place): string {
    const value = this.#valueAt(place);
    return value === undefined || Number.isNaN(value) ? "" : `${this.#nameOf(place)}: ${shown(value)}`;
  }

  /** What the chosen unit sees, in words and on the image. */
  #see(): void {
    const [box, place] = [this.#box, this.#units.chosen];
    if (box === undefined) return;
    const seen = this.#seenBy(box, place);
    this.#image.mark(seen?.rectangle);
    const value = this.#sayValue(place);
    this.#note.textContent = value === "" ? this.#nameOf(place) : value;
    this.#fieldNote.textContent = seen?.words ?? "";
  }

  #seenBy({ fields }: Box, { row, column }: Place): { rectangle: Seen; words: string } | undefined {
    const spatial = this.#input.slice(1);
    const isVector = this.#shown?.isVector ?? false;
    if (fields === null || fields.length === 0) return undefined;
    const [rows, columns] = fields.length === 1 ? [fields[0], undefined] : fields.slice(-2);
    if (rows === undefined) return undefined;
    const startOf = ({ start, jump }: { start: number; jump: number }, index: number): number =>
      Math.round(start + (isVector ? 0 : index * jump));
    const top = startOf(rows, row);
    const vertical = along(top, rows.field, spatial.at(-2) ?? this.#input.at(-1) ?? 1);
    if (columns === undefined)
      return {
        rectangle: { rows: [0, 0], columns: [0, 0] },
        words: `This unit sees places ${vertical.first} to ${vertical.last} of the input.`,
      };
    const left = startOf(columns, column);
    const horizontal = along(left, columns.field, spatial.at(-1) ?? 1);
    const outside = vertical.inside < rows.field || horizontal.inside < columns.field;
    return {
      rectangle: { rows: [top, rows.field], columns: [left, columns.field] },
      words:
        `The chosen unit sees rows ${vertical.first} to ${vertical.last} and columns ${horizontal.first} to ${horizontal.last}` +
        (outside
          ? `; its field of ${rows.field} × ${columns.field} reaches beyond the image.`
          : `: ${rows.field} × ${columns.field} pixels.`),
    };
  }
}
