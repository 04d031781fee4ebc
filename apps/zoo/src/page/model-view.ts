// What is known of the model that is open: figures, paper, and a table of all its layers.
import { type Box, type BoxKind, showSize } from "../anatomy/anatomy.ts";
import type { OpenedModel } from "../messages.ts";
import { element, make } from "../../../page/elements.ts";
import { short, withCommas } from "./numbers.ts";

const kinds: Readonly<Record<BoxKind, string>> = {
  input: "input",
  conv: "convolution",
  transposed: "transposed convolution",
  dense: "dense",
  pool: "pooling",
  resize: "resizing",
  recurrent: "recurrent",
  embedding: "embedding",
  join: "branches meet",
  other: "other",
};

const rowsPerFrame = 24;

/** What a unit sees of each axis: one number where they are equal. */
export function fieldOf({ fields }: Box): string {
  const all = (fields ?? []).map(({ field }) => field);
  if (all.length === 0) return "–";
  return all.length > 1 ? all.join(" × ") : String(all[0]);
}

export class ModelView {
  readonly #table = element("table", HTMLTableElement);
  readonly #details = element("all-layers", HTMLDetailsElement);
  readonly #choose: (box: Box) => void;
  #model: OpenedModel | undefined;

  constructor(choose: (box: Box) => void) {
    this.#choose = choose;
    this.#details.addEventListener("toggle", () => this.#fill());
  }

  show(model: OpenedModel): void {
    this.#model = model;
    const figures = {
      parameters: withCommas(model.parameters),
      "multiply-adds": short(model.multiplyAdds),
      input: showSize(model.inputShape),
      task: model.numClasses === null ? model.task : `${model.task}, ${withCommas(model.numClasses)} classes`,
    };
    for (const [name, text] of Object.entries(figures)) element(`figure-${name}`, HTMLElement).textContent = text;
    const paper = make("a");
    paper.href = model.url;
    paper.rel = "noreferrer";
    paper.target = "_blank";
    paper.textContent = model.paper;
    element("paper", HTMLElement).replaceChildren(paper, ` ${model.authors}, ${model.year}`);
    const used = new Set(model.boxes.map(({ kind }) => kind));
    element("legend", HTMLElement).replaceChildren(
      ...[...used].map((kind) => {
        const item = make("li");
        item.append(make("i", `key-${kind}`), kinds[kind]);
        return item;
      }),
    );
    this.#table.tBodies[0]?.replaceChildren();
    this.#fill();
  }

  /** The rows are made when they are to be seen, some in each frame: there may be hundreds. */
  #fill(): void {
    const [body, model] = [this.#table.tBodies[0], this.#model];
    if (!this.#details.open || model === undefined || body === undefined || body.rows.length > 0) return;
    const more = (first: number): void => {
      if (this.#model !== model) return;
      body.append(...model.boxes.slice(first, first + rowsPerFrame).map((box) => this.#row(box)));
      if (first + rowsPerFrame < model.boxes.length) requestAnimationFrame(() => more(first + rowsPerFrame));
    };
    more(0);
  }

  #row(box: Box): HTMLTableRowElement {
    const row = make("tr");
    const name = make("th");
    name.scope = "row";
    const button = make("button", "link");
    button.type = "button";
    button.textContent = box.path === "" ? box.label : box.path;
    button.addEventListener("click", () => this.#choose(box));
    name.append(button);
    const cells = [
      [box.words, ...box.after].join(", "),
      showSize(box.shape),
      box.parameters === 0 ? "" : withCommas(box.parameters),
      box.multiplyAdds === 0 ? "" : short(box.multiplyAdds),
      fieldOf(box),
    ].map((text) => {
      const cell = make("td");
      cell.textContent = text;
      return cell;
    });
    row.append(name, ...cells);
    return row;
  }
}
