// Ten bars: what the net reads.
import { perMille } from "../digit/percent.ts";
import { element, make } from "../../../page/elements.ts";

interface Bar {
  readonly item: HTMLLIElement;
  readonly meter: HTMLDivElement;
  readonly fill: HTMLDivElement;
  readonly share: HTMLSpanElement;
}

function makeBar(digit: number): Bar {
  const bar = {
    item: make("li"),
    meter: make("div", "meter"),
    fill: make("div", "fill"),
    share: make("span", "share"),
  };
  const label = make("span");
  label.textContent = String(digit);
  label.ariaHidden = "true";
  bar.share.ariaHidden = "true";
  bar.meter.role = "meter";
  bar.meter.ariaLabel = `Digit ${digit}`;
  bar.meter.ariaValueMin = "0";
  bar.meter.ariaValueMax = "100";
  bar.meter.append(bar.fill);
  bar.item.append(label, bar.meter, bar.share);
  return bar;
}

const percent = (value: number): string => `${(value / 10).toFixed(1)} %`;

export class Bars {
  readonly #bars = Array.from({ length: 10 }, (_, digit) => makeBar(digit));
  readonly #answer = element("answer", HTMLElement);
  readonly #answerShare = element("answer-share", HTMLElement);

  constructor() {
    element("bars", HTMLOListElement).append(...this.#bars.map(({ item }) => item));
    this.clear();
  }

  /** Shows what the net gives each digit; returns it in words. */
  show(prediction: readonly number[]): string {
    const shares = perMille(prediction);
    const best = shares.indexOf(Math.max(...shares));
    if (shares[best] === 0) {
      this.clear();
      return "The net gives no numbers";
    }
    for (const [digit, { item, meter, fill, share }] of this.#bars.entries()) {
      const value = shares[digit] ?? 0;
      item.classList.toggle("best", digit === best);
      meter.ariaValueNow = String(value / 10);
      meter.ariaValueText = percent(value);
      fill.style.transform = `scaleX(${value / 1000})`;
      share.textContent = percent(value);
    }
    this.#answer.textContent = String(best);
    this.#answerShare.textContent = percent(shares[best] ?? 0);
    return `Read as ${best}, ${percent(shares[best] ?? 0)}`;
  }

  /** Nothing is read. */
  clear(): void {
    for (const { item, meter, fill, share } of this.#bars) {
      item.classList.remove("best");
      meter.ariaValueNow = "0";
      meter.ariaValueText = "nothing to read";
      fill.style.transform = "scaleX(0)";
      share.textContent = "–";
    }
    this.#answer.textContent = "–";
    this.#answerShare.textContent = "";
  }
}
