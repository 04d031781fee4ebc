// Whose weights the model has, and where others are to be had.
import type { KnownWeights } from "@stria/zoo";
import type { OpenedModel, ToWorker, WeightsReport } from "../messages.ts";
import { element, make } from "../../../page/elements.ts";
import { withCommas } from "./numbers.ts";

const untrained = "Untrained: weights drawn at random.";

export interface WeightsEvents {
  fetch(what: Omit<Extract<ToWorker, { readonly type: "fetch" }>, "type">): void;
}

function plural(count: number, what: string): string {
  return `${withCommas(count)} ${what}${count === 1 ? "" : "s"}`;
}

const hashWords = { published: "SHA-256 as published", given: "SHA-256 as given" };
const cacheWords = { kept: "kept in the browser's cache", found: "from the browser's cache" };

/** What was used of a file, and what was left. */
function sayReport({ name, used, total, missing, left, verified, cache }: WeightsReport): string {
  const parts = [
    used === total
      ? `all ${withCommas(total)} tensors of the model`
      : `${withCommas(used)} of the model's ${withCommas(total)} tensors`,
    ...(missing.length > 0 ? [`${plural(missing.length, "tensor")} not in it, with their first values`] : []),
    left.length > 0 ? `${plural(left.length, "tensor")} of the file left unused` : "nothing of the file left over",
    ...(verified === undefined ? [] : [hashWords[verified]]),
    ...(cache === undefined ? [] : [cacheWords[cache]]),
  ];
  return `${name}: ${parts.join("; ")}.`;
}

export class WeightsView {
  readonly #events: WeightsEvents;
  readonly #known = element("known", HTMLElement);

  constructor(events: WeightsEvents) {
    this.#events = events;
    const [address, hash] = [element("address", HTMLInputElement), element("hash", HTMLInputElement)];
    element("address-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      const sha256 = hash.value.trim();
      this.#events.fetch({
        url: address.value.trim(),
        known: undefined,
        sha256: sha256 === "" ? undefined : sha256,
      });
    });
  }

  open({ weights }: OpenedModel): void {
    this.#known.replaceChildren(...weights.map((known, index) => this.#item(known, index)));
    this.#known.hidden = weights.length === 0;
  }

  #item(known: KnownWeights, index: number): HTMLLIElement {
    const [item, text, button] = [make("li"), make("p"), make("button", "button")];
    // Where a server lets no other page read a file, the user still can, and drop it here.
    const link = make("a");
    link.href = known.url;
    link.textContent = known.name;
    text.append(link, `: ${known.accuracy}. Licence: ${known.licence}.`);
    button.type = "button";
    button.textContent = "Fetch";
    button.ariaLabel = `Fetch ${known.name}`;
    button.disabled = known.format !== "pytorch" && known.format !== "safetensors";
    button.addEventListener("click", () => this.#events.fetch({ url: known.url, known: index, sha256: undefined }));
    item.append(text, button);
    return item;
  }

  report(report: WeightsReport | undefined): void {
    const text = report === undefined ? untrained : sayReport(report);
    element("weights-state", HTMLElement).textContent = text;
    element("trained", HTMLElement).textContent =
      report === undefined
        ? untrained
        : report.missing.length > 0
          ? "Weights are partly drawn at random."
          : `Weights: ${report.name}`;
    document.body.dataset["weights"] = report === undefined ? "random" : "loaded";
    const leftover = element("leftover", HTMLElement);
    const lists = [
      ...(report?.missing.map((key) => `not in the file: ${key}`) ?? []),
      ...(report?.left.map((key) => `left of the file: ${key}`) ?? []),
    ];
    leftover.hidden = lists.length === 0;
    element("leftover-text", HTMLElement).textContent = lists.join("\n");
  }
}
