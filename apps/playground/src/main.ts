// The page: what the user does goes to the training worker, what it reports is shown, once a frame.
import { History } from "./curves/history.ts";
import type { Built, FromWorker, LayerInfo, Progress, Settings, ToWorker } from "./messages.ts";
import { Bars } from "./page/bars.ts";
import { Charts } from "./page/charts.ts";
import { element, make } from "../../page/elements.ts";
import { threadsNote, webGpuMissing } from "./page/environment.ts";
import { acceptFiles, download } from "./page/files.ts";
import { Pad } from "./page/pad.ts";
import { SettingsForm } from "./page/settings.ts";
import { SheetView } from "./page/sheet-view.ts";
import { onThemeChange } from "../../page/theme.ts";
import { Computer } from "../../page/computer.ts";
import { type RunState, Transport } from "./page/transport.ts";

let state: RunState = "none";
let built: Built | undefined;
/** The settings that were asked for last. */
let wanted: Settings | undefined;
let history = new History();
let stepNow = 0;
let hasDigit = false;
/** Whether the next prediction is to be said. */
let sayPrediction = false;
let undrawn: Partial<Pick<Progress, "prediction" | "filters" | "maps">> & { curves?: boolean } = {};
let drawing = false;

const trainer = new Computer<ToWorker, FromWorker>(
  () => new Worker(new URL("./worker/main.ts", import.meta.url), { type: "module", name: "training" }),
  hear,
  (why) => hear({ type: "failed", message: `The training worker has ended: ${why}` }),
);
const bars = new Bars();
const charts = new Charts();
const filters = new SheetView("filters", "filters");
const maps = new SheetView("maps", "feature maps");
const layer = element("layer", HTMLSelectElement);
const announcement = element("announcement", HTMLElement);

const settings = new SettingsForm((given) => start(given, true));
const transport = new Transport({
  toggle: () => trainer.send({ type: state === "running" ? "pause" : "resume" }),
  step: () => trainer.send({ type: "step" }),
  restart: () => wanted && start(wanted, state === "running"),
  save: () => trainer.send({ type: "save" }),
});
const pad = new Pad({
  changed(pixels) {
    hasDigit = pixels !== undefined;
    if (pixels !== undefined) return trainer.send({ type: "digit", pixels });
    bars.clear();
    maps.clear("Draw a digit, or take an example.");
  },
  lifted: () => (sayPrediction = true),
  say: (text) => (announcement.textContent = text),
  exampleWanted: (label) => trainer.send({ type: "example", label }),
});

function start(given: Settings, running: boolean): void {
  wanted = given;
  transport.allowRestart();
  transport.say("Building …");
  trainer.send({ type: "start", settings: given, running });
}

function setState(now: RunState, step: number): void {
  state = now;
  transport.setState(now, step);
}

function hear(message: FromWorker): void {
  switch (message.type) {
    case "built":
      return begin(message.built);
    case "state":
      setState(message.state, message.step);
      if (message.state === "paused") charts.describe(history.columns());
      return sayState(message.state, message.step);
    case "progress":
      return take(message);
    case "example":
      sayPrediction = true;
      return pad.showExample(message.pixels);
    case "refused":
      return refuse(message.what, message.message, message.entry);
    case "note":
      settings.dataNote(message.text);
      return transport.say(message.text);
    case "files":
      settings.chooseFiles();
      settings.dataNote(`Your files hold ${message.text}. Build the net to train on them.`);
      return transport.say(`Your files hold ${message.text}.`);
    case "saved":
      download("stria-playground.safetensors", message.bytes);
      return transport.say(`Saved ${(message.bytes.length / 1024).toFixed(0)} kB as stria-playground.safetensors.`);
    case "failed":
      setState("none", stepNow);
      return transport.say(`Training has ended: ${message.message} Restart, or build another net.`);
  }
}

function begin(now: Built): void {
  built = now;
  wanted = now.settings;
  history = new History();
  stepNow = 0;
  settings.applied(now.settings);
  transport.begin(now);
  transport.allowRestart();
  element("environment", HTMLElement).textContent = threadsNote(now.backend, now.threads);
  layer.replaceChildren(...now.layers.map((info) => new Option(layerLabel(info), String(info.index))));
  layer.disabled = now.layers.length === 0;
  maps.clear(now.layers.length === 0 ? "No layer of this net gives images." : "Draw a digit, or take an example.");
  filters.clear("The first layer's weights are no pictures.");
  later({ curves: true });
  if (!hasDigit) trainer.send({ type: "example", label: 3 });
}

function layerLabel({ index, name, shape: [channels, height, width] }: LayerInfo): string {
  return `${index + 1} ${name} (${channels} × ${height} × ${width})`;
}

function sayState(now: "running" | "paused", step: number): void {
  if (built === undefined) return;
  const on = `${built.dataName}, ${built.trainLength.toLocaleString("en")} of them`;
  if (now === "running") transport.say(`Training on ${on}.`);
  else if (step > 0) transport.say(`Paused at step ${step.toLocaleString("en")}.`);
  else transport.say(`Ready: ${built.parameters.toLocaleString("en")} parameters, to be trained on ${on}.`);
}

function refuse(what: string, message: string, entry: number | undefined): void {
  if (what === "start" || what === "load") {
    if (built !== undefined) wanted = built.settings;
    if (what === "start") settings.refused(message, entry);
    const rest = state === "none" ? "" : " The net that was there goes on.";
    return transport.say(
      what === "start" ? `This net cannot be built.${rest}` : `The model cannot be loaded. ${message}`,
    );
  }
  if (what === "files") settings.dataNote(message);
  transport.say(message);
}

function take(progress: Progress): void {
  stepNow = progress.step;
  for (const measurement of progress.measurements) history.add(measurement);
  for (const test of progress.tests) history.addTest(test);
  transport.show(progress);
  const { prediction, filters: weights, maps: images, measurements } = progress;
  later({
    ...(prediction && { prediction }),
    ...(weights && { filters: weights }),
    ...(images && { maps: images }),
    ...(measurements.length > 0 && { curves: true }),
  });
}

/** Draws in the next frame; what is newer by then is drawn instead. */
function later(what: typeof undrawn): void {
  undrawn = { ...undrawn, ...what };
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(draw);
}

function draw(): void {
  const now = undrawn;
  drawing = false;
  undrawn = {};
  if (now.curves) charts.show(history.columns());
  if (now.filters) filters.show(now.filters);
  if (now.maps && hasDigit) maps.show(now.maps);
  if (now.prediction && hasDigit) {
    const words = bars.show(now.prediction);
    if (sayPrediction) announcement.textContent = words;
    sayPrediction = false;
  }
}

layer.addEventListener("change", () => trainer.send({ type: "layer", index: Number(layer.value) }));
element("examples", HTMLElement).append(
  ...Array.from({ length: 10 }, (_, digit) => {
    const button = make("button", "button quiet");
    button.type = "button";
    button.textContent = String(digit);
    button.ariaLabel = `Example ${digit}`;
    button.addEventListener("click", () => trainer.send({ type: "example", label: digit }));
    return button;
  }),
);
acceptFiles({
  images: (files) => trainer.send({ type: "files", files }),
  model: ({ name, bytes }) => trainer.send({ type: "load", name, bytes }),
  failed: (message) => transport.say(message),
});
onThemeChange(() => {
  charts.restyle();
  pad.redraw();
  filters.redraw();
  maps.redraw();
});
// On a small screen the run comes first.
if (matchMedia("(max-width: 719px)").matches) element("setup", HTMLDetailsElement).open = false;

setState("none", 0);
const first = settings.read();
if (first !== undefined) start(first, false);
const missing = await webGpuMissing();
if (missing !== undefined) settings.withoutWebGpu(missing);
