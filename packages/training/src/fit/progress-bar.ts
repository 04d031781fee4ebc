// Progress on a terminal: a bar with rate, loss and time left; elsewhere a line for each epoch.
import { AttributeError } from "@stria/core";
import type { Callback, EpochReport, Run, StepReport } from "./callback.ts";

/** Where text goes: a stream of Node, or anything with `write`. */
export interface TextStream {
  /** Takes text, as process.stdout does. */
  write(text: string): unknown;
  /** Whether it is a terminal, on which a line can be written over. */
  readonly isTTY?: boolean;
  /** Width of the terminal. */
  readonly columns?: number;
}

export interface ProgressBarOptions {
  /** Default: the standard error of the process. */
  readonly stream?: TextStream;
}

const redrawEvery = 100; // milliseconds
const eraseLine = "\r\u001B[K";

/** 75 s as `1:15`, 4,000 s as `1:06:40`. */
export function showTime(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number): string => String(value).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** A terminal that does not know its width says undefined, or 0. */
function widthOf({ columns = 0 }: TextStream): number {
  return columns > 0 ? columns : 80;
}

function showFigure(value: unknown): string | undefined {
  return typeof value === "number" ? value.toFixed(4) : undefined;
}

function figuresOf(values: Readonly<Record<string, unknown>>, prefix: string): string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const shown = showFigure(value);
    return shown === undefined ? [] : [`${prefix}${name} ${shown}`];
  });
}

/** `epoch 2/4, 12 s: loss 0.0521, accuracy 0.9842, validation loss 0.0480` */
function showEpoch({ epochs }: Run, report: EpochReport): string {
  const { epoch, loss, metrics, validation = {}, seconds } = report;
  const figures = [`loss ${loss.toFixed(4)}`, ...figuresOf(metrics, ""), ...figuresOf(validation, "validation ")];
  return `epoch ${epoch}/${epochs}, ${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s: ${figures.join(", ")}`;
}

/** `epoch 1/4 [=====>    ] 120/938, 41.2 batches/s, loss 0.1234, 0:20 left`, at most `columns` wide. */
export function showProgress(run: Run, step: StepReport, rate: number, columns: number): string {
  const { batch, epoch, meanLoss } = step;
  const left = run.batches === undefined ? [] : [`${showTime((run.batches - batch) / rate)} left`];
  const count = run.batches === undefined ? `batch ${batch}` : `${batch}/${run.batches}`;
  const head = `epoch ${epoch}/${run.epochs} `;
  const tail = [count, `${rate.toFixed(1)} batches/s`, `loss ${meanLoss.toFixed(4)}`, ...left].join(", ");
  const room = Math.min(32, columns - head.length - tail.length - 4);
  if (run.batches === undefined || room < 5) return `${head}${tail}`.slice(0, columns - 1);
  const done = Math.floor((room * batch) / run.batches);
  return `${head}[${"=".repeat(Math.max(0, done - 1))}${done > 0 ? ">" : ""}${" ".repeat(room - done)}] ${tail}`;
}

/**
 * Shows the progress of fit: on a terminal a bar with rate, mean loss and time left; elsewhere one line for each epoch.
 * @throws AttributeError where there is no process and no stream is given.
 */
export function progressBar({ stream: given }: ProgressBarOptions = {}): Callback {
  const stream = given ?? (typeof process === "undefined" ? undefined : process.stderr);
  if (!stream) throw new AttributeError("progressBar", "there is no terminal here", "pass a stream with write(text)");
  let [began, first, drawn] = [0, 1, 0];
  let epoch = 0;
  return {
    onStep(run, step) {
      if (!stream.isTTY) return;
      const now = performance.now();
      if (step.epoch !== epoch) [epoch, began, first, drawn] = [step.epoch, now, step.batch, now];
      if (now - drawn < redrawEvery || step.batch === first) return;
      drawn = now;
      const rate = (step.batch - first) / ((now - began) / 1000);
      stream.write(eraseLine + showProgress(run, step, rate, widthOf(stream)));
    },
    onEpochEnd(run, report) {
      stream.write(`${stream.isTTY ? eraseLine : ""}${showEpoch(run, report)}\n`);
    },
    onEnd(_run, { stopped }) {
      if (stopped) stream.write(`${stream.isTTY ? eraseLine : ""}stopped\n`);
    },
  };
}
