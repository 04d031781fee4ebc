// The list of transforms: each with its controls, moved and removed by buttons, and a menu of all to add from.
import { entryOf, groups } from "../catalogue/catalogue.ts";
import type { Values } from "../catalogue/control.ts";
import type { Step } from "../pipeline.ts";
import { controlView } from "./control-view.ts";
import { element, make } from "../../../page/elements.ts";

const movesWords = {
  pixels: "Masks, boxes and key points move along.",
  colours: "Masks, boxes and key points stay.",
  "image alone": "For images alone: it has no rule for masks, boxes and key points.",
} as const;

function iconButton(sign: string, label: string, done: () => void): HTMLButtonElement {
  const button = make("button", "button quiet icon");
  button.type = "button";
  button.textContent = sign;
  button.ariaLabel = label;
  button.title = label;
  button.addEventListener("click", done);
  return button;
}

export class StepsView {
  readonly #list = element("steps", HTMLOListElement);
  readonly #menu = element("add", HTMLSelectElement);
  readonly #changed: () => void;
  #steps: Step[] = [];

  constructor(changed: () => void) {
    this.#changed = changed;
    for (const { name, entries } of groups) {
      const group = make("optgroup");
      group.label = name;
      for (const transform of Object.keys(entries)) group.append(new Option(transform, transform));
      this.#menu.append(group);
    }
    this.#menu.addEventListener("change", () => {
      if (this.#menu.value !== "") this.add(this.#menu.value);
      this.#menu.value = "";
    });
  }

  get steps(): readonly Step[] {
    return this.#steps;
  }

  /** Puts others in the place of all. Names that are none are left out. */
  set(names: readonly string[]): void {
    this.#steps = names.filter((name) => entryOf(name)).map((name) => ({ name, values: {} }));
    this.#show();
    this.#changed();
  }

  add(name: string): void {
    this.#steps.push({ name, values: {} });
    this.#show();
    this.#list.lastElementChild?.scrollIntoView({ block: "nearest" });
    this.#changed();
  }

  #show(): void {
    this.#list.replaceChildren(...this.#steps.map((step, index) => this.#item(step, index)));
    element("no-steps", HTMLElement).hidden = this.#steps.length > 0;
  }

  #move(from: number, to: number): void {
    const [step] = this.#steps.splice(from, 1);
    if (step) this.#steps.splice(to, 0, step);
    this.#show();
    this.#changed();
  }

  #item({ name, values }: Step, index: number): HTMLLIElement {
    const [item, head, title] = [make("li", "step"), make("div", "step-head"), make("h3")];
    item.dataset["name"] = name;
    title.textContent = name;
    head.append(title);
    if (index > 0) head.append(iconButton("↑", `Move ${name} up`, () => this.#move(index, index - 1)));
    head.append(
      iconButton("×", `Remove ${name}`, () => {
        this.#steps.splice(index, 1);
        this.#show();
        this.#changed();
      }),
    );
    item.append(head);
    const entry = entryOf(name);
    if (!entry) return item;
    const about = make("p", "hint");
    about.textContent = `${entry.does} ${movesWords[entry.moves]}${entry.paper === undefined ? "" : ` ${entry.paper}.`}`;
    const controls = make("div", "controls");
    const keep = (now: Values): void => {
      this.#steps[index] = { name, values: now };
    };
    for (const [key, control] of Object.entries(entry.controls))
      controls.append(
        controlView(control, values[key], (value) => {
          keep({ ...this.#steps[index]?.values, [key]: value });
          this.#changed();
        }),
      );
    item.append(about, controls);
    return item;
  }
}
