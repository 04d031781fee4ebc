// The page: what the user does goes to the worker, what it reports is shown.
import type { Box } from "./anatomy/anatomy.ts";
import type { BackendName, FromWorker, OpenedModel, ToWorker } from "./messages.ts";
import { backendNames } from "./messages.ts";
import { AnswerView } from "./page/answer-view.ts";
import { Camera } from "./page/camera.ts";
import { ClassNames, parseNames } from "./page/class-names.ts";
import { Computer } from "../../page/computer.ts";
import { DrawingView } from "./page/drawing-view.ts";
import { element } from "../../page/elements.ts";
import { threadsNote, webGpuMissing } from "./page/environment.ts";
import { acceptFiles } from "./page/files.ts";
import { ImageView } from "./page/image-view.ts";
import { LayerView } from "./page/layer-view.ts";
import { ModelView } from "./page/model-view.ts";
import { ProgressView } from "./page/progress-view.ts";
import { addSampleButtons } from "./page/sample-buttons.ts";
import { SegmentsView } from "./page/segments-view.ts";
import { isAnswered, noImages, runWord } from "./page/tasks.ts";
import { onThemeChange } from "../../page/theme.ts";
import { TimesView } from "./page/times-view.ts";
import { WeightsView } from "./page/weights-view.ts";

/** The model that is shown first. */
const firstModel = "resnet20_cifar";
/** Models of up to so many parameters and multiply-adds are run as soon as there is an image; larger ones wait for the button. */
const mostAtOnce = { parameters: 6_000_000, multiplyAdds: 1e9 };

let model: OpenedModel | undefined;
let chosen: Box | undefined;
let hasImage = false;
/** Whether the button was pressed for a model that is not run unasked. */
let isWanted = false;
let backend: BackendName = "cpu";

const computer = new Computer<ToWorker, FromWorker>(
  () => new Worker(new URL("./worker/main.ts", import.meta.url), { type: "module", name: "zoo" }),
  hear,
  (why) => hear({ type: "failed", message: `The worker has ended: ${why}` }),
);
const send = (message: ToWorker, transfer?: Transferable[]): void => {
  computer.send(message, transfer);
};
const names = new ClassNames();
const picker = element("model", HTMLSelectElement);
const backends = element("backend", HTMLSelectElement);
const foldBox = element("fold", HTMLInputElement);
const runButton = element("run", HTMLButtonElement);
const timeButton = element("time", HTMLButtonElement);
const fault = element("fault", HTMLElement);

const drawing = new DrawingView(choose);
const modelView = new ModelView((box) => {
  drawing.mark(box);
  choose(box);
});
const imageView = new ImageView();
const layerView = new LayerView(imageView);
const answer = new AnswerView();
const segments = new SegmentsView();
const progress = new ProgressView();
const times = new TimesView();
const weights = new WeightsView({
  fetch: (what) => {
    begin("Fetching …");
    send({ type: "fetch", ...what });
  },
});
const camera = new Camera({
  picture: (image) => send({ type: "image", image }, [image]),
  failed: refuse,
});

function say(text: string): void {
  element("status", HTMLElement).textContent = text;
}

/** Something was asked for: what went wrong before is no news any more. */
function begin(text: string): void {
  fault.hidden = true;
  say(text);
}

function refuse(message: string): void {
  progress.clear();
  fault.textContent = message;
  fault.hidden = false;
  say("");
}

function open(name: string): void {
  begin(`Opening ${name} …`);
  send({ type: "open", name });
}

function opened(now: OpenedModel): void {
  model = now;
  hasImage = false;
  isWanted = now.parameters <= mostAtOnce.parameters && now.multiplyAdds <= mostAtOnce.multiplyAdds;
  document.body.dataset["model"] = now.name;
  document.body.dataset["images"] = now.readsImages ? "yes" : "no";
  picker.value = now.name;
  history.replaceState(null, "", `#${now.name}`);
  modelView.show(now);
  weights.open(now);
  times.clear();
  answer.clear();
  segments.clear();
  const [channels = 3, height = 1, width = 1] = now.inputShape;
  names.open(now.numClasses, channels, now.task);
  sayNames();
  if (now.readsImages) imageView.clear(width, height);
  layerView.open(now.inputShape);
  for (const id of ["image-file", "camera", "run"])
    element(id, HTMLElement).toggleAttribute("disabled", !now.readsImages);
  for (const button of element("samples", HTMLElement).querySelectorAll("button")) button.disabled = !now.readsImages;
  runButton.disabled = true;
  runButton.textContent = runWord(now.task);
  timeButton.disabled = false;
  send({ type: "draw", folded: foldBox.checked });
  const first = now.boxes.find(({ kind, maps }) => kind !== "input" && maps !== null) ?? now.boxes[0];
  if (first !== undefined) choose(first);
  say(now.readsImages ? "" : noImages(now.name, now.task));
}

function sayNames(): void {
  element("names-note", HTMLElement).textContent = names.note;
}

/** Why there are no maps of a layer yet. */
function reasonFor(box: Box): string {
  if (model?.readsImages !== true) return "This model reads no images.";
  if (box.maps === null) return "What is computed here is no module's output: choose the layer around it.";
  if (!hasImage) return "Give an image to see them.";
  return isWanted ? "Computing …" : `Press ${runButton.textContent} to see them.`;
}

function choose(box: Box): void {
  chosen = box;
  layerView.show(box, reasonFor(box));
  askForMaps();
}

function askForMaps(): void {
  if (!hasImage || !isWanted || chosen === undefined || chosen.maps === null) return;
  send({ type: "maps", path: chosen.maps, channelsLast: chosen.channelsLast });
}

/** An image is there, or the weights are others. */
function look(): void {
  runButton.disabled = false;
  answer.clear();
  segments.clear();
  if (isWanted || camera.isOn) run();
  else if (chosen !== undefined) layerView.show(chosen, reasonFor(chosen));
}

function run(): void {
  isWanted = true;
  if (!camera.isOn) begin("Running …");
  if (isAnswered(model?.task)) send({ type: "run" });
  askForMaps();
}

function hear(message: FromWorker): void {
  switch (message.type) {
    case "models": {
      picker.replaceChildren(...message.names.map((name) => new Option(name.replaceAll("_", " "), name)));
      const wanted = decodeURIComponent(location.hash.slice(1));
      return open(
        message.names.includes(wanted)
          ? wanted
          : message.names.includes(firstModel)
            ? firstModel
            : (message.names[0] ?? ""),
      );
    }
    case "opened":
      return opened(message.model);
    case "drawn":
      drawing.show(message.svg, message.boxes);
      if (chosen !== undefined) drawing.mark(chosen);
      document.body.dataset["drawn"] = model?.name ?? "";
      return;
    case "backend":
      backend = message.name;
      backends.value = backend;
      element("environment", HTMLElement).textContent = threadsNote(backend, message.threads);
      document.body.dataset["backend"] = backend;
      times.clear();
      say("");
      if (hasImage) look();
      return;
    case "progress":
      return progress.show(message);
    case "weights":
      progress.clear();
      weights.report(message.report);
      if (message.report !== undefined) say("");
      return;
    case "seen":
      hasImage = true;
      imageView.show(message.image);
      return look();
    case "answer": {
      if (message.answer === undefined) return answer.clear();
      const words = answer.show(message.answer, (index) => names.of(index));
      element("announcement", HTMLElement).textContent = words;
      say("");
      if (camera.isOn) void camera.next();
      return;
    }
    case "segments": {
      if (message.segments === undefined) return segments.clear();
      const words = segments.show(message.segments, (index) => names.of(index));
      element("announcement", HTMLElement).textContent = words;
      say("");
      if (camera.isOn) void camera.next();
      return;
    }
    case "maps":
      if (message.maps.path === chosen?.maps) layerView.showMaps(message.maps);
      if (isAnswered(model?.task)) return;
      say("");
      if (camera.isOn) void camera.next();
      return;
    case "times":
      times.show(message.times);
      timeButton.disabled = false;
      return say("");
    case "note":
      return say(message.text);
    case "refused":
      return refused(message.what, message.message);
    case "failed":
      camera.stop();
      timeButton.disabled = false;
      return refuse(`Something is wrong with this page: ${message.message}`);
  }
}

function refused(what: ToWorker["type"], message: string): void {
  if (what === "open" && model !== undefined) picker.value = model.name;
  if (what === "backend") backends.value = backend;
  if (what === "times") timeButton.disabled = false;
  if (what === "run" || what === "image") camera.stop();
  refuse(message);
}

picker.addEventListener("change", () => {
  camera.stop();
  open(picker.value);
});
foldBox.addEventListener("change", () => send({ type: "draw", folded: foldBox.checked }));
runButton.addEventListener("click", run);
timeButton.addEventListener("click", () => {
  timeButton.disabled = true;
  begin("Timing …");
  send({ type: "times" });
});
backends.addEventListener("change", () => {
  const name = backendNames.find((known) => known === backends.value);
  if (name !== undefined) send({ type: "backend", name });
});
addSampleButtons((name) => {
  camera.stop();
  begin("");
  send({ type: "sample", name });
});
acceptFiles({
  image(file) {
    camera.stop();
    begin("");
    send({ type: "image", image: file });
  },
  weights(file) {
    begin(`Reading ${file.name} …`);
    send({ type: "weights", file, name: file.name });
  },
  names(text, file) {
    try {
      names.give(parseNames(text, file.name));
      sayNames();
      answer.rename((index) => names.of(index));
      segments.rename((index) => names.of(index));
    } catch (error) {
      refuse(error instanceof Error ? error.message : String(error));
    }
  },
  failed: refuse,
});
onThemeChange(() => layerView.redraw());
send({ type: "backend", name: "cpu" });
const missing = await webGpuMissing();
if (missing !== undefined) {
  element("backend-note", HTMLElement).textContent = missing;
  const option = backends.querySelector("option[value=webgpu]");
  if (option instanceof HTMLOptionElement) option.disabled = true;
}
