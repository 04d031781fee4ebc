// The page: what the user sets goes to the worker, what it draws is shown.
import type { FromWorker, Shown, ToWorker } from "./messages.ts";
import { readBoxes } from "./page/boxes-file.ts";
import { colourOf } from "./page/class-colours.ts";
import { Computer } from "../../page/computer.ts";
import { DrawsView } from "./page/draws-view.ts";
import { element, make } from "../../page/elements.ts";
import { acceptFiles } from "./page/files.ts";
import { parameterLines } from "./page/parameters.ts";
import { Stage } from "./page/stage.ts";
import { StepsView } from "./page/steps-view.ts";
import { type MixName, mixNames, mixes } from "./mixing.ts";
import { codeOf } from "./pipeline.ts";
import { type SampleName, samples } from "./samples/samples.ts";

const draws = 12;
/** What is shown first, unless the address names transforms. */
const firstSteps = ["horizontalFlip", "randomAffine", "colorJitter"];

let chosen = 0;
let request = 0;
let opened: Shown | undefined;

const fault = element("fault", HTMLElement);
const seedField = element("seed", HTMLInputElement);
const code = element("code", HTMLElement);
const mixMenu = element("mix", HTMLSelectElement);
const copyButton = element("copy", HTMLButtonElement);
const [source, result] = [new Stage(), new Stage()];
element("source", HTMLElement).append(source.root);
element("result", HTMLElement).append(result.root);

const computer = new Computer<ToWorker, FromWorker>(
  () => new Worker(new URL("./worker/main.ts", import.meta.url), { type: "module", name: "augment" }),
  hear,
  (why) => hear({ type: "failed", message: `The worker has ended: ${why}` }),
);
const grid = new DrawsView(draws, (index) => {
  chosen = index;
  draw();
});
const steps = new StepsView(draw);

function refuse(message: string): void {
  fault.textContent = message;
  fault.hidden = false;
}

function seed(): number {
  const { valueAsNumber } = seedField;
  return Number.isSafeInteger(valueAsNumber) && valueAsNumber >= 0 ? valueAsNumber : 1;
}

/** What is made of several draws. */
function mix(): MixName {
  return mixNames.find((name) => name === mixMenu.value) ?? "none";
}

/** Asks for all draws, the chosen one first. */
function draw(): void {
  if (!opened) return;
  fault.hidden = true;
  delete document.body.dataset["drawn"];
  delete document.body.dataset["shown"];
  grid.choose(chosen);
  element("chosen", HTMLElement).textContent = String(chosen);
  code.textContent = codeOf(steps.steps, { seed: seed(), index: chosen, canvas: opened, mix: mix() });
  const others = Array.from({ length: draws }, (_, index) => index).filter((index) => index !== chosen);
  computer.send({
    type: "draw",
    request: ++request,
    steps: steps.steps,
    seed: seed(),
    mix: mix(),
    indices: [chosen, ...others],
  });
}

/** How much there is, in words. */
function described({ width, height, labels, points, mask }: Shown): string {
  const count = (number: number, one: string): string[] =>
    number > 0 ? [`${number} ${one}${number > 1 ? "s" : ""}`] : [];
  const parts = [
    `${width} × ${height}`,
    ...(mask ? [`a mask of ${new Set(mask).size} classes`] : []),
    ...count(labels?.length ?? 0, "box").map((text) => text.replace("boxs", "boxes")),
    ...count((points?.length ?? 0) / 2, "key point"),
  ];
  return parts.join(", ");
}

function showClasses(classes: readonly string[]): void {
  element("classes", HTMLElement).replaceChildren(
    ...classes.slice(1).map((name, index) => {
      const [item, swatch] = [make("li"), make("i")];
      swatch.style.background = colourOf(index + 1);
      item.append(swatch, name);
      return item;
    }),
  );
}

function hear(message: FromWorker): void {
  if (message.type === "opened") {
    opened = message.shown;
    source.show(message.shown, "The sample");
    element("source-note", HTMLElement).textContent = `${described(message.shown)}. ${message.note}`;
    showClasses(message.classes);
    document.body.dataset["opened"] = String(Number(document.body.dataset["opened"] ?? 0) + 1);
    draw();
  } else if (message.type === "failed") {
    if (message.request === undefined || message.request === request) refuse(message.message);
  } else if (message.request !== request) return;
  else if (message.type === "finished") {
    document.body.dataset["drawn"] = String(message.request);
    element("time", HTMLElement).textContent = `${draws} draws in ${Math.round(message.milliseconds)} ms`;
  } else {
    const lines = parameterLines([...steps.steps.map(({ name }) => name), mix()], message.parameters);
    grid.show(message.index, message.shown, lines);
    if (message.index !== chosen) return;
    result.show(message.shown, `Draw ${chosen}`);
    const { stretched } = message.shown;
    const notes = [
      described(message.shown),
      ...(stretched ? [`values from ${stretched.map((value) => value.toFixed(2)).join(" to ")}, stretched`] : []),
      ...(message.leftOut.length > 0 ? [`no rule for ${message.leftOut.join(", ")}`] : []),
    ];
    element("result-note", HTMLElement).textContent = `${notes.join("; ")}.`;
    element("parameters", HTMLElement).textContent = lines.join("\n");
    document.body.dataset["shown"] = String(request);
  }
}

async function givePicture(type: "image" | "mask", file: File): Promise<void> {
  fault.hidden = true;
  try {
    const picture = await createImageBitmap(file, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
    computer.send({ type, name: file.name, picture }, [picture]);
  } catch {
    refuse(`${file.name} cannot be read as an image.`);
  }
}

async function giveBoxes(file: File): Promise<void> {
  fault.hidden = true;
  try {
    computer.send({ type: "boxes", ...readBoxes(await file.text(), file.name) });
  } catch (error) {
    refuse(error instanceof Error ? error.message : `${file.name} cannot be read.`);
  }
}

// One after the other: a mask that is dropped with its image comes after it.
let giving: Promise<void> = Promise.resolve();
const give = (what: () => Promise<void>): void => {
  giving = giving.then(what);
};
acceptFiles({
  image: (file) => give(() => givePicture("image", file)),
  mask: (file) => give(() => givePicture("mask", file)),
  boxes: (file) => give(() => giveBoxes(file)),
});

for (const [name, { label }] of Object.entries(samples) as [SampleName, { readonly label: string }][]) {
  const button = make("button", "button quiet");
  button.type = "button";
  button.textContent = label;
  button.addEventListener("click", () => {
    fault.hidden = true;
    computer.send({ type: "sample", name });
  });
  element("samples", HTMLElement).append(button);
}
for (const kind of ["mask", "boxes", "points"]) {
  const box = element(`show-${kind}`, HTMLInputElement);
  const show = (): void => {
    document.body.classList.toggle(`hide-${kind}`, !box.checked);
  };
  box.addEventListener("change", show);
  show();
}
for (const name of mixNames) mixMenu.add(new Option(name === "none" ? "nothing" : name, name));
mixMenu.addEventListener("change", () => {
  element("mix-note", HTMLElement).textContent = mixes[mix()].does;
  draw();
});
seedField.addEventListener("input", draw);
element("next-seed", HTMLButtonElement).addEventListener("click", () => {
  seedField.value = String(seed() + 1);
  draw();
});
copyButton.addEventListener("click", () => {
  navigator.clipboard.writeText(code.textContent).then(
    () => (copyButton.textContent = "Copied"),
    () => getSelection()?.selectAllChildren(code),
  );
  setTimeout(() => (copyButton.textContent = "Copy"), 2000);
});

const asked = decodeURIComponent(location.hash.slice(1)).split(",").filter(Boolean);
steps.set(asked.length > 0 ? asked : firstSteps);
computer.send({ type: "sample", name: "harbour" });
