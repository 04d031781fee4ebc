// The grid of draws, each with its parameters; one of them is chosen, and shown large.
import type { Shown } from "../messages.ts";
import { element, make } from "../../../page/elements.ts";
import { Stage } from "./stage.ts";

export class DrawsView {
  readonly #stages: Stage[] = [];
  readonly #words: HTMLElement[] = [];
  readonly #buttons: HTMLButtonElement[] = [];

  constructor(count: number, chosen: (index: number) => void) {
    for (let index = 0; index < count; index++) {
      const [item, button, stage, words] = [make("li"), make("button", "draw"), new Stage(), make("p", "parameters")];
      button.type = "button";
      button.addEventListener("click", () => chosen(index));
      const title = make("span", "draw-title");
      title.textContent = `Draw ${index}`;
      button.append(stage.root, title);
      item.append(button, words);
      this.#stages.push(stage);
      this.#words.push(words);
      this.#buttons.push(button);
      element("draws", HTMLElement).append(item);
    }
  }

  choose(index: number): void {
    for (const [at, button] of this.#buttons.entries()) button.ariaPressed = String(at === index);
  }

  show(index: number, shown: Shown, lines: readonly string[]): void {
    this.#stages[index]?.show(shown, `Draw ${index}, ${shown.width} by ${shown.height} pixels`);
    const words = this.#words[index];
    if (words) words.textContent = lines.join("\n");
  }
}
