// Names of classes: those of CIFAR-10, of digits and of Pascal VOC are known here; others come from a file of the user's.
import type { Task } from "@stria/zoo";

const cifar10 = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];
const digits = Array.from({ length: 10 }, (_, digit) => String(digit));

/** Of the weights of FCN and DeepLabV3: nothing that is named, and the 20 kinds of things of Pascal VOC. */
const voc: readonly string[] = [
  "background, aeroplane, bicycle, bird, boat, bottle, bus, car, cat, chair, cow, dining table",
  "dog, horse, motorbike, person, potted plant, sheep, sofa, train, TV monitor",
].flatMap((names) => names.split(", "));

/** What classes are called where nobody has said more. */
function builtIn(numClasses: number | null, channels: number, task: Task): readonly string[] {
  if (task === "segmentation") return numClasses === voc.length ? voc : [];
  if (numClasses !== 10) return [];
  return channels === 1 ? digits : cifar10;
}

/**
 * Names out of a text with one a line, a JSON list, or the JSON object of numbers and names (or pairs whose second is the name) that is common for ImageNet.
 * @throws Error where it is none of them.
 */
export function parseNames(text: string, source: string): string[] {
  if (!/^\s*[[{]/.test(text)) {
    const lines = text.split(/\r?\n/).map((line) => line.trim());
    while (lines.at(-1) === "") lines.pop();
    if (lines.length < 2) throw new Error(`${source} has no list of names: write one a line.`);
    return lines;
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new Error(`${source} is no JSON that can be read.`);
  }
  const entries = Object.entries(parsed ?? {}).map(([key, value]: [string, unknown]): [number, unknown] => [
    Number(key),
    value,
  ]);
  const names = entries.map(([index, value]): [number, unknown] => [
    index,
    Array.isArray(value) ? value.at(-1) : value,
  ]);
  if (
    names.length < 2 ||
    names.some(([index, name]) => !Number.isInteger(index) || index < 0 || typeof name !== "string")
  )
    throw new Error(`${source} is JSON, but no list of names.`);
  const list: string[] = [];
  for (const [index, name] of names) if (index < 100_000) list[index] = String(name);
  return Array.from(list, (name: string | undefined) => name ?? "");
}

export class ClassNames {
  #given: readonly string[] = [];
  #model: readonly string[] = [];
  #numClasses = 0;

  open(numClasses: number | null, channels: number, task: Task): void {
    this.#numClasses = numClasses ?? 0;
    this.#model = builtIn(numClasses, channels, task);
  }

  give(names: readonly string[]): void {
    this.#given = names;
  }

  /** What there is to say of the names. */
  get note(): string {
    if (this.#numClasses === 0) return "";
    if (this.#fits) return `${this.#given.length.toLocaleString("en")} names from your file.`;
    const other =
      this.#given.length > 0
        ? `Your file has ${this.#given.length} names, this model ${this.#numClasses} classes. `
        : "";
    if (this.#model.length > 0) return other;
    return `${other}Classes have numbers here: give a list of names, one a line, to see words.`;
  }

  get #fits(): boolean {
    return this.#given.length > 0 && this.#given.length === this.#numClasses;
  }

  of(index: number): string {
    const name = this.#fits ? this.#given[index] : this.#model[index];
    return name === undefined || name === "" ? `class ${index}` : name;
  }
}
