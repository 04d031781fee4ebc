// The curves of loss and accuracy.
import uPlot from "uplot";
import type { Columns } from "../curves/history.ts";
import { element } from "../../../page/elements.ts";
import { colour } from "../../../page/theme.ts";

const height = 200;

class Chart {
  readonly #host: HTMLElement;
  readonly #top: number | undefined;
  readonly #format: (value: number) => string;
  #plot: uPlot;
  #data: uPlot.AlignedData = [[], [], []];

  /** `top` is the upper end of the scale; where it is undefined, the data's. */
  constructor(id: string, top: number | undefined, format: (value: number) => string) {
    this.#host = element(id, HTMLElement);
    this.#top = top;
    this.#format = format;
    this.#plot = this.#make();
    new ResizeObserver(() => this.#fit()).observe(this.#host);
  }

  show(step: number[], trained: number[], tested: (number | null)[]): void {
    this.#data = [step, trained, tested];
    this.#plot.setData(this.#data);
  }

  /** Draws all again in the colours that the page now has. */
  restyle(): void {
    this.#plot.destroy();
    this.#plot = this.#make();
  }

  #fit(): void {
    const width = this.#host.clientWidth;
    if (width > 0 && width !== this.#plot.width) this.#plot.setSize({ width, height });
  }

  #make(): uPlot {
    const axis = {
      stroke: colour("--muted"),
      font: "12px system-ui, sans-serif",
      grid: { stroke: colour("--line"), width: 1 },
      ticks: { show: false },
    };
    const top = this.#top;
    return new uPlot(
      {
        width: Math.max(200, this.#host.clientWidth),
        height,
        padding: [8, 16, 0, 0],
        legend: { show: false },
        cursor: { show: false },
        scales: {
          x: { time: false, range: (_plot, _from, to) => [0, Math.max(10, to)] },
          y: { range: (_plot, _from, to) => [0, top ?? Math.max(0.1, to) * 1.05] },
        },
        axes: [
          { ...axis, size: 28, space: 70 },
          { ...axis, size: 46, values: (_plot, splits) => splits.map((value) => this.#format(value)) },
        ],
        series: [
          {},
          { stroke: colour("--accent"), width: 1.5, points: { show: false } },
          { stroke: colour("--warm"), width: 2, spanGaps: true, points: { show: false } },
        ],
      },
      this.#data,
      this.#host,
    );
  }
}

export class Charts {
  readonly #loss = new Chart("loss-chart", undefined, (value) => value.toFixed(value < 1 ? 2 : 1));
  readonly #accuracy = new Chart("accuracy-chart", 1, (value) => `${Math.round(100 * value)} %`);

  show({ step, loss, accuracy, testLoss, testAccuracy }: Columns): void {
    this.#loss.show(step, loss, testLoss);
    this.#accuracy.show(step, accuracy, testAccuracy);
  }

  /** Says in words what the curves show, for those who do not see them. */
  describe({ step, loss, accuracy }: Columns): void {
    const last = step.length - 1;
    const of = (name: string, values: number[], format: (value: number) => string): string =>
      last < 0
        ? `${name} by step: nothing yet`
        : `${name} by step: ${format(values[0] ?? 0)} at step ${step[0]}, ${format(values[last] ?? 0)} at step ${step[last]}`;
    element("loss-chart", HTMLElement).ariaLabel = of("Loss", loss, (value) => value.toFixed(3));
    element("accuracy-chart", HTMLElement).ariaLabel = of(
      "Accuracy",
      accuracy,
      (value) => `${(100 * value).toFixed(1)} %`,
    );
  }

  restyle(): void {
    this.#loss.restyle();
    this.#accuracy.restyle();
  }
}
