// The controls of a run, and its figures.
import type { Built, Progress } from "../messages.ts";
import { element } from "../../../page/elements.ts";

/** `none`: nothing was built yet, or the run has failed. */
export type RunState = "none" | "running" | "paused";

export interface TransportEvents {
  readonly toggle: () => void;
  readonly step: () => void;
  readonly restart: () => void;
  readonly save: () => void;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

export class Transport {
  readonly #toggle = element("toggle", HTMLButtonElement);
  readonly #step = element("step", HTMLButtonElement);
  readonly #restart = element("restart", HTMLButtonElement);
  readonly #save = element("save", HTMLButtonElement);
  readonly #status = element("status", HTMLElement);
  #loss: number | undefined;
  #accuracy: number | undefined;

  constructor(events: TransportEvents) {
    this.#toggle.addEventListener("click", events.toggle);
    this.#step.addEventListener("click", events.step);
    this.#restart.addEventListener("click", events.restart);
    this.#save.addEventListener("click", events.save);
  }

  setState(state: RunState, step: number): void {
    document.body.dataset["state"] = state;
    this.#toggle.textContent = state === "running" ? "Pause" : step > 0 ? "Resume" : "Train";
    this.#toggle.disabled = state === "none";
    this.#step.disabled = state !== "paused";
    this.#save.disabled = state === "none";
  }

  /** There is something to start again, even after a failure. */
  allowRestart(): void {
    this.#restart.disabled = false;
  }

  say(text: string): void {
    this.#status.textContent = text;
  }

  begin({ tested }: Built): void {
    this.#loss = undefined;
    this.#accuracy = undefined;
    for (const name of ["rate", "loss", "accuracy", "test"]) this.#set(name, "–");
    this.#set("step", "0");
    this.#set("epoch", "1");
    element("figure-test", HTMLElement).title = `of ${tested} digits that are not trained on`;
  }

  show({ step, epoch, stepsPerSecond, measurements, tests }: Progress): void {
    this.#set("step", step.toLocaleString("en"));
    this.#set("epoch", String(epoch));
    if (stepsPerSecond !== undefined) this.#set("rate", stepsPerSecond.toFixed(stepsPerSecond < 10 ? 1 : 0));
    for (const { loss, accuracy } of measurements) {
      // A mean over about the last twenty steps: single batches jump.
      this.#loss = this.#loss === undefined ? loss : this.#loss + (loss - this.#loss) / 20;
      this.#accuracy = this.#accuracy === undefined ? accuracy : this.#accuracy + (accuracy - this.#accuracy) / 20;
    }
    if (this.#loss !== undefined) this.#set("loss", this.#loss.toFixed(4));
    if (this.#accuracy !== undefined) this.#set("accuracy", percent(this.#accuracy));
    const test = tests.at(-1);
    if (test !== undefined) this.#set("test", percent(test.accuracy));
  }

  #set(name: string, text: string): void {
    element(`figure-${name}`, HTMLElement).textContent = text;
  }
}
