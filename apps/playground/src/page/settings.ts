// The form in which a net and its training are set up.
import { ListFault, type Span } from "../list/fault.ts";
import { layerSpecs } from "../list/layers.ts";
import { parseList, usage } from "../list/parse.ts";
import { presets } from "../list/presets.ts";
import { type Settings, backendNames, dataNames, optimizerNames } from "../messages.ts";
import { element, make } from "../../../page/elements.ts";

/** Characters of a line that are shown before the fault: on a phone there is no room for many. */
const shownBefore = 20;

function chosen<Name extends string>(select: HTMLSelectElement, names: readonly [Name, ...Name[]]): Name {
  return names.find((name) => name === select.value) ?? names[0];
}

/** The line of a span, from a little before it, with the span underlined. */
function pointedAt(text: string, { start, end }: Span): string {
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  const lineEnd = text.indexOf("\n", lineStart);
  const from = Math.max(lineStart, start - shownBefore);
  const line = (from > lineStart ? "…" : "") + text.slice(from, lineEnd < 0 ? text.length : lineEnd);
  const before = start - from + (from > lineStart ? 1 : 0);
  const length = Math.max(1, Math.min(end - start, line.length - before));
  return `${line}\n${" ".repeat(before)}${"^".repeat(length)}`;
}

/** A number of the form that is out of its range. */
class FieldFault extends Error {
  readonly field: HTMLInputElement;

  constructor(field: HTMLInputElement, message: string) {
    super(message);
    this.field = field;
  }
}

export class SettingsForm {
  readonly #form = element("settings", HTMLFormElement);
  readonly #preset = element("preset", HTMLSelectElement);
  readonly #list = element("list", HTMLTextAreaElement);
  readonly #data = element("data", HTMLSelectElement);
  readonly #optimizer = element("optimizer", HTMLSelectElement);
  readonly #learningRate = element("learning-rate", HTMLInputElement);
  readonly #batchSize = element("batch-size", HTMLInputElement);
  readonly #seed = element("seed", HTMLInputElement);
  readonly #backend = element("backend", HTMLSelectElement);
  readonly #fault = element("fault", HTMLElement);
  readonly #unapplied = element("unapplied", HTMLElement);
  #applied: string | undefined;

  constructor(submitted: (settings: Settings) => void) {
    for (const { id, name } of presets) this.#preset.append(new Option(name, id));
    this.#preset.append(new Option("Your own list", "own"));
    this.#list.value = presets[0].text;
    this.#preset.addEventListener("change", () => this.#takePreset());
    this.#list.addEventListener("input", () => {
      this.#markPreset();
      this.#clearFault();
    });
    this.#form.addEventListener("input", () => this.#compare());
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      const settings = this.read();
      if (settings !== undefined) submitted(settings);
    });
    element("layer-reference", HTMLUListElement).append(
      ...Object.entries(layerSpecs).map(([name, spec]) => {
        const item = make("li");
        item.textContent = usage(name, spec);
        return item;
      }),
    );
  }

  /** What the form says; undefined, and the fault is shown, where it says nothing that can be built. */
  read(): Settings | undefined {
    this.#clearFault();
    try {
      const list = this.#list.value;
      return {
        entries: parseList(list),
        list,
        data: chosen(this.#data, dataNames),
        optimizer: chosen(this.#optimizer, optimizerNames),
        learningRate: this.#number(
          this.#learningRate,
          "The learning rate",
          "a number above 0, up to 10",
          (value) => value > 0 && value <= 10,
        ),
        batchSize: this.#whole(this.#batchSize, "The batch size", 1, 1024),
        seed: this.#whole(this.#seed, "The seed", 0, 2 ** 31),
        backend: chosen(this.#backend, backendNames),
      };
    } catch (error) {
      if (error instanceof ListFault) this.#showListFault(error);
      else if (error instanceof FieldFault) this.#showFieldFault(error);
      else throw error;
      return undefined;
    }
  }

  /** These settings are those of the run; the form shows them. */
  applied(settings: Settings): void {
    this.#list.value = settings.list;
    this.#markPreset();
    this.#applied = this.#key();
    this.#compare();
  }

  /** A fault that the worker found: of the layer `entry`, from 0, of the list as it was sent. */
  refused(message: string, entry?: number): void {
    let source = "";
    if (entry !== undefined) {
      try {
        const found = parseList(this.#list.value)[entry];
        if (found !== undefined) source = `${found.line}  ${found.text}`;
      } catch {
        // The list is another one by now.
      }
      this.#list.ariaInvalid = "true";
    }
    const text = entry === undefined ? message : `Layer ${entry + 1}: ${message}`;
    this.#showFault(text, source, entry === undefined ? element("backend-note", HTMLElement) : this.#list);
  }

  /** WebGPU is not to be had here, for this reason. */
  withoutWebGpu(reason: string): void {
    for (const option of this.#backend.options) if (option.value === "webgpu") option.disabled = true;
    element("backend-note", HTMLElement).textContent = reason;
  }

  dataNote(text: string): void {
    element("data-note", HTMLElement).textContent = text;
  }

  chooseFiles(): void {
    this.#data.value = "files";
    this.#compare();
  }

  #takePreset(): void {
    const preset = presets.find(({ id }) => id === this.#preset.value);
    if (preset === undefined) return this.#list.focus();
    this.#list.value = preset.text;
    this.#clearFault();
  }

  #markPreset(): void {
    this.#preset.value = presets.find(({ text }) => text === this.#list.value)?.id ?? "own";
  }

  #number(field: HTMLInputElement, name: string, wanted: string, fits: (value: number) => boolean): number {
    const value = field.valueAsNumber;
    if (!fits(value)) throw new FieldFault(field, `${name} must be ${wanted}.`);
    return value;
  }

  #whole(field: HTMLInputElement, name: string, least: number, most: number): number {
    return this.#number(field, name, `a whole number from ${least} to ${most}`, (value) => {
      return Number.isInteger(value) && value >= least && value <= most;
    });
  }

  #key(): string {
    const { value: list } = this.#list;
    const others = [this.#data, this.#optimizer, this.#learningRate, this.#batchSize, this.#seed, this.#backend];
    return JSON.stringify([list, ...others.map(({ value }) => value)]);
  }

  #compare(): void {
    element("file-row", HTMLElement).hidden = this.#data.value !== "files";
    this.#unapplied.hidden = this.#applied === undefined || this.#applied === this.#key();
  }

  #showListFault({ message, span, entry }: ListFault): void {
    const place = entry === undefined ? `Line ${span.line}` : `Layer ${entry}, line ${span.line}`;
    this.#list.ariaInvalid = "true";
    this.#showFault(`${place}: ${message}.`, pointedAt(this.#list.value, span), this.#list);
    this.#list.focus();
    this.#list.setSelectionRange(span.start, span.end);
  }

  #showFieldFault({ field, message }: FieldFault): void {
    field.ariaInvalid = "true";
    this.#showFault(message, "", field.closest(".pair") ?? field);
    field.focus();
  }

  /** Shows a fault below what it is a fault of. */
  #showFault(message: string, source: string, of: Element): void {
    of.after(this.#fault);
    element("fault-text", HTMLElement).textContent = message;
    const place = element("fault-source", HTMLElement);
    place.textContent = source;
    place.hidden = source === "";
    this.#fault.hidden = false;
  }

  #clearFault(): void {
    this.#fault.hidden = true;
    for (const field of [this.#list, this.#learningRate, this.#batchSize, this.#seed]) field.ariaInvalid = null;
  }
}
