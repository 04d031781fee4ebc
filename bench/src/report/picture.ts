// The picture of a report: how many times as fast as each peer, a bar each, 1 where both are equal.
import { barX, plot, ruleX, text } from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { means, nameOf } from "./names.ts";
import type { Report } from "./report.ts";

interface Bar {
  readonly net: string;
  readonly peer: string;
  readonly times: number;
}

interface Panel {
  readonly part: string;
  readonly title: string;
  /** What the bars are called, and the figure that they show. */
  readonly peers: Readonly<Record<string, string>>;
}

const panels: readonly Panel[] = [
  {
    part: "training",
    title: "Training step, 1 thread: times as fast as",
    peers: { PyTorch: "times PyTorch, processor", "PyTorch, 128-bit": "times PyTorch, 128-bit, processor" },
  },
  {
    part: "inference",
    title: "Inference, 1 thread: times as fast as",
    peers: { "onnxruntime-web": "times onnxruntime-web, processor", "tfjs-wasm": "times tfjs-wasm, processor" },
  },
];

const colours = ["#2a6fdb", "#f2a33a"];

function barsOf(report: Report, { part, peers }: Panel): Bar[] {
  return [...(report.parts.get(part) ?? [])].flatMap(([name, rows]) => {
    const figures = rows.get("stria, 1 thread")?.figures ?? {};
    return means.includes(name)
      ? []
      : Object.entries(peers).flatMap(([peer, figure]) => {
          const times = figures[figure];
          return times === undefined ? [] : [{ net: nameOf(name), peer, times }];
        });
  });
}

/** One panel, its bars grouped by net. */
function panelOf(report: Report, panel: Panel): { readonly svg: string; readonly height: number } | undefined {
  const bars = barsOf(report, panel);
  if (bars.length === 0) return undefined;
  const nets = [...new Set(bars.map(({ net }) => net))];
  const height = 38 + 34 * nets.length;
  const { document } = parseHTML("<html><body></body></html>");
  const peers = Object.keys(panel.peers);
  const drawn = plot({
    document,
    width,
    height,
    marginLeft: 300,
    marginTop: 8,
    marginRight: 50,
    style: { background: "white", color: "#222", fontSize: "13px" },
    fy: { domain: nets, label: null, axis: "left", padding: 0.2 },
    y: { domain: peers, axis: null, padding: 0 },
    x: { grid: true, label: null, domain: [0, Math.max(...bars.map(({ times }) => times)) * 1.05] },
    color: { domain: peers, range: colours },
    marks: [
      barX(bars, { x: "times", y: "peer", fy: "net", fill: "peer" }),
      text(bars, {
        x: "times",
        y: "peer",
        fy: "net",
        text: ({ times }: Bar) => times.toPrecision(2),
        textAnchor: "start",
        dx: 4,
        fontSize: 11,
      }),
      ruleX([1], { stroke: "#222" }),
    ],
  });
  return { svg: drawn.outerHTML, height };
}

const width = 860;
const headHeight = 28;

/** What the bars of a panel mean, above it. */
function head({ title, peers }: Panel, y: number): string {
  const spans = Object.keys(peers).map(
    (peer, index) => `<tspan fill="${colours[index]}" font-weight="bold" dx="10">${peer}</tspan>`,
  );
  return `<text x="12" y="${y}" font-size="16" fill="#222">${title}${spans.join("")}</text>`;
}

/** An SVG file; panels that nothing was measured for are left out. */
export function pictureOf(report: Report): string {
  const pieces: string[] = [];
  let y = 0;
  for (const panel of panels) {
    const drawn = panelOf(report, panel);
    if (!drawn) continue;
    pieces.push(head(panel, y + 20), `<svg y="${y + headHeight}" ${drawn.svg.slice("<svg ".length)}`);
    y += headHeight + drawn.height;
  }
  const open = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" width="${width}" height="${y}" font-family="system-ui, sans-serif">`;
  return `${open}\n<rect width="100%" height="100%" fill="white"/>\n${pieces.join("\n")}\n</svg>\n`;
}
