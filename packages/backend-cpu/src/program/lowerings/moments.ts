// The mean and the variance of each channel: of pixels in one pass, block by block, else as two sums.
import { at, type GraphNode, sizeOf } from "@stria/core";
import { joinMomentsKernel, momentsBytes, momentsKernel } from "../../kernels/channels-last/moments.ts";
import { partScratchBytes } from "../../loops/reduce-parts.ts";
import { addMap, type Read } from "../elementwise.ts";
import { asPixels } from "../images.ts";
import type { Lowering } from "../lower.ts";
import { addReduction } from "../reduction.ts";
import type { BufferId, StepRequest } from "../steps.ts";
import { broadcast, reshape, type View, wholeView } from "../view.ts";
import { partsTable } from "../parts-table.ts";
import { evenParts } from "../written-pixels.ts";
import { inputOf } from "./rule.ts";

/** Elements of a part, about, where no step that writes the array says otherwise: it stays in the second-level cache. Fewer pixels would be too many parts. */
const elementsInPart = 16384;
const fewestPixels = 128;

export function channelMoments(l: Lowering, node: GraphNode): void {
  const x = l.read(inputOf(node, 0));
  const [mean, variance] = [l.buffer(at(node.outputs, 0)), l.buffer(at(node.outputs, 1))];
  const channels = at(x.view.shape, 1);
  const found = asPixels(x);
  if (!found) return asSums(l, x, mean, variance);
  const pixels = sizeOf(x.view.shape) / channels;
  const { pitch = channels } = found;
  const { gatherer } = l.builder;
  const source = gatherer?.sourceOf({ ...found, pitch }, { pixels, channels, isAlone: true });
  const parts =
    source?.written.parts ?? evenParts(pixels, Math.max(fewestPixels, Math.ceil(elementsInPart / channels)));
  const table = partsTable(l.builder, parts);
  const sums = l.builder.local(momentsBytes(parts.count, channels));
  const step: StepRequest = {
    kernel: momentsKernel(channels, pitch < 4 * channels),
    arguments: [{ buffer: found.buffer, offset: found.offset * 4 }, { buffer: sums }, { buffer: table }, pitch * 4],
    units: parts.count,
    cost: pixels * channels,
    scratchBytes: partScratchBytes,
    reads: [found.buffer, table],
    writes: [sums],
  };
  if (source) gatherer?.add(source, step);
  else l.builder.step(step);
  l.builder.step({
    kernel: joinMomentsKernel(channels),
    arguments: [{ buffer: sums }, { buffer: mean }, { buffer: variance }, parts.count, pixels],
    units: Math.ceil(channels / 4),
    cost: parts.count * channels,
    reads: [sums],
    writes: [mean, variance],
  });
}

/** The same of what lies otherwise: the sum, and the sum of the squares about the mean. */
function asSums(
  l: Lowering,
  x: { readonly buffer: BufferId; readonly view: View },
  mean: BufferId,
  variance: BufferId,
): void {
  const { shape } = x.view;
  const channels = at(shape, 1);
  const axes = [...shape.keys()].filter((axis) => axis !== 1);
  const dtype = "float32";
  const flat: View = wholeView([channels]);
  const load = (operand: number) => ({ op: "load", operand, dtype }) as const;
  const total = l.builder.local(channels * 4);
  const average = (target: BufferId): void =>
    addMap(
      l.builder,
      [channels],
      [{ buffer: total, dtype, view: flat }],
      [load(0), { op: "constant", value: channels / sizeOf(shape), dtype }, { op: "mul", inputs: [0, 1], dtype }],
      [{ buffer: target, dtype, view: flat, expression: 2 }],
    );
  const request = { reduction: "sum", dtype, shape, axes, kept: [1] } as const;
  const reads: readonly Read[] = [{ buffer: x.buffer, dtype, view: x.view }];
  const results = (expression: number) => [{ expression, target: total }];
  addReduction(l.builder, { ...request, reads, expressions: [load(0)], results: results(0) });
  average(mean);
  const perChannel =
    reshape(
      flat,
      shape.map((size, axis) => (axis === 1 ? size : 1)),
    ) ?? flat;
  addReduction(l.builder, {
    ...request,
    reads: [...reads, { buffer: mean, dtype, view: broadcast(perChannel, shape) }],
    expressions: [load(0), load(1), { op: "sub", inputs: [0, 1], dtype }, { op: "mul", inputs: [2, 2], dtype }],
    results: results(3),
  });
  average(variance);
}
