// How long the stages take.
import type { Times } from "../messages.ts";
import { element, make } from "../../../page/elements.ts";
import { milliseconds, short } from "./numbers.ts";

export class TimesView {
  readonly #list = element("times", HTMLOListElement);
  readonly #note = element("times-note", HTMLElement);

  clear(): void {
    this.#list.replaceChildren();
    this.#note.textContent = "";
  }

  show({ stages, total, spread, runs }: Times): void {
    const longest = Math.max(...stages.map((stage) => stage.milliseconds), 1e-9);
    this.#list.replaceChildren(
      ...stages.map((stage) => {
        const [item, name, bar, fill, time] = [
          make("li"),
          make("span", "name"),
          make("div", "meter"),
          make("div", "fill"),
          make("span", "share"),
        ];
        name.textContent = stage.name;
        fill.style.transform = `scaleX(${stage.milliseconds / longest})`;
        bar.append(fill);
        time.textContent =
          stage.milliseconds > spread ? milliseconds(stage.milliseconds) : `< ${milliseconds(Math.max(spread, 0.01))}`;
        item.title = `${short(stage.multiplyAdds)} multiply-adds`;
        item.append(name, time, bar);
        return item;
      }),
    );
    this.#note.textContent =
      `${milliseconds(total)} for one input, the median of ${runs} runs of the whole model, give or take ${milliseconds(spread)}. ` +
      "A stage cannot be stopped alone inside a compiled program: the model is run up to the end of each, and its time is what it adds to the stages before.";
  }
}
