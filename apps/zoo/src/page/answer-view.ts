// The five likeliest classes.
import type { Answer } from "../messages.ts";
import { element, make } from "../../../page/elements.ts";
import { milliseconds, shown } from "./numbers.ts";

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

export class AnswerView {
  readonly #bars = element("bars", HTMLOListElement);
  readonly #note = element("answer-note", HTMLElement);
  #answer: Answer | undefined;

  clear(): void {
    this.#answer = undefined;
    this.#bars.replaceChildren();
    this.#note.textContent = "";
  }

  /** Shows an answer; returns it in words. */
  show(answer: Answer, nameOf: (index: number) => string): string {
    this.#answer = answer;
    this.#bars.replaceChildren(
      ...answer.top.map(({ index, logit, share }, place) => {
        const item = make("li", place === 0 ? "best" : "");
        const [name, meter, fill, figure] = [
          make("span", "name"),
          make("div", "meter"),
          make("div", "fill"),
          make("span", "share"),
        ];
        name.textContent = nameOf(index);
        fill.style.transform = `scaleX(${share})`;
        meter.role = "meter";
        meter.ariaLabel = nameOf(index);
        meter.ariaValueMin = "0";
        meter.ariaValueMax = "100";
        meter.ariaValueNow = (100 * share).toFixed(1);
        meter.append(fill);
        figure.textContent = percent(share);
        item.title = `class ${index}, logit ${shown(logit)}`;
        item.dataset["class"] = String(index);
        item.dataset["logit"] = String(logit);
        item.append(name, figure, meter);
        return item;
      }),
    );
    this.#note.textContent = `In ${milliseconds(answer.milliseconds)}; the first time, with compiling, ${milliseconds(answer.firstMilliseconds)}.`;
    const [best] = answer.top;
    return best === undefined ? "" : `${nameOf(best.index)}, ${percent(best.share)}`;
  }

  /** Shows the same with other names. */
  rename(nameOf: (index: number) => string): void {
    if (this.#answer !== undefined) this.show(this.#answer, nameOf);
  }
}
