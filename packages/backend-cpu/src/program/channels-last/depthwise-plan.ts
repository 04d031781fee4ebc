// Which pixels a depthwise convolution joins, as lists: for each row of the output the rows of the input and the rows of the kernel that it meets, and
// for each tile of neighbouring pixels of a row the pairs of pixels that each element of a row of the kernel joins. Lists know no stride, dilation or
// padding any more, so that one kernel serves the convolution and its gradient by the input.
import { at, sizeOf, stridesOf } from "@stria/core";
import type { Joint, TileCode } from "../../kernels/channels-last/depthwise-tile.ts";
import type { ConvolutionGeometry } from "../convolution.ts";

/** How the outputs along one axis meet inputs. */
interface Axis {
  readonly outputs: number;
  readonly inputs: number;
  readonly taps: number;
  readonly joints: readonly Joint[];
}

export interface TilePlace {
  /** Which of the codes. */
  readonly code: number;
  readonly output: number;
  readonly input: number;
}

export interface RowJoint {
  /** The row's first pixel of the input. */
  readonly input: number;
  /** The first element of the kernel's row. */
  readonly tap: number;
}

export interface DepthwisePlan {
  readonly codes: readonly TileCode[];
  readonly tiles: readonly TilePlace[];
  /** For each row of the output. */
  readonly rows: readonly (readonly RowJoint[])[];
  /** Pixels of a row of the output; elements of a row of the kernel and of the whole kernel. */
  readonly width: number;
  readonly rowTaps: number;
  readonly taps: number;
  readonly inputPixels: number;
  readonly outputPixels: number;
}

/** Which side of a convolution is computed from the other one: the output forward, the input backward. */
export type Direction = "forward" | "backward";

function axisOf(g: ConvolutionGeometry, axis: number, direction: Direction): Axis {
  const [size, places, taps] = [at(g.input, axis), at(g.places, axis), at(g.kernel, axis)];
  const joints: Joint[] = [];
  for (let place = 0; place < places; place++)
    for (let tap = 0; tap < taps; tap++) {
      const pixel = place * at(g.stride, axis) + tap * at(g.dilation, axis) - at(g.before, axis);
      if (pixel < 0 || pixel >= size) continue;
      joints.push(
        direction === "forward" ? { output: place, tap, input: pixel } : { output: pixel, tap, input: place },
      );
    }
  if (direction === "forward") return { outputs: places, inputs: size, taps, joints };
  return { outputs: size, inputs: places, taps, joints: joints.toSorted((a, b) => a.output - b.output) };
}

/** Sums in registers, at most, and joints in one tile's code and in all, about. */
const [mostOutputs, mostJoints, mostJointsInAll] = [8, 64, 1500];

/** Widths of a tile to try, the best first: little is computed twice or in a smaller tile, and tiles begin with the same element of the kernel. */
function widths(outputs: number, taps: number, stride: number): number[] {
  const most = Math.min(outputs, Math.max(1, Math.min(mostOutputs, Math.floor(mostJoints / taps))));
  const list = Array.from({ length: most }, (_, index) => most - index);
  const waste = (width: number): number => Math.ceil(outputs / width) * width - outputs;
  const cost = (width: number): number =>
    (waste(width) + outputs) * (1 + 1 / width) * (width % stride === 0 || width === outputs ? 1 : 1.2);
  return list.toSorted((a, b) => cost(a) - cost(b));
}

interface Tiling {
  readonly codes: readonly TileCode[];
  readonly tiles: readonly TilePlace[];
}

function byOutput({ outputs, joints }: Axis): Joint[][] {
  const lists = Array.from({ length: outputs }, (): Joint[] => []);
  for (const joint of joints) at(lists, joint.output).push(joint);
  return lists;
}

function tiled(axis: Axis, width: number, twice: boolean): Tiling {
  const codes = new Map<string, { index: number; code: TileCode }>();
  const tiles: TilePlace[] = [];
  const lists = byOutput(axis);
  for (let start = 0; start < axis.outputs; start += width) {
    const output = twice ? Math.min(start, axis.outputs - width) : start;
    const outputs = Math.min(width, axis.outputs - output);
    const joints = lists.slice(output, output + outputs).flat();
    const input = joints.length === 0 ? 0 : Math.min(...joints.map((joint) => joint.input));
    const code = {
      outputs,
      joints: joints.map((joint) => ({
        output: joint.output - output,
        tap: joint.tap,
        input: joint.input - input,
      })),
    };
    const key = JSON.stringify(code);
    const known = codes.get(key) ?? { index: codes.size, code };
    codes.set(key, known);
    tiles.push({ code: known.index, output, input });
  }
  return { codes: [...codes.values()].map(({ code }) => code), tiles };
}

/** The tiles of a row, or undefined where the kernel is so long that their code would be too. */
function tilingOf(g: ConvolutionGeometry, direction: Direction, twice: boolean): Tiling | undefined {
  const last = g.input.length - 1;
  if (at(g.kernel, last) > mostJoints) return undefined;
  const axis = axisOf(g, last, direction);
  for (const width of widths(axis.outputs, axis.taps, direction === "backward" ? at(g.stride, last) : 1)) {
    const tiling = tiled(axis, width, twice);
    if (tiling.codes.reduce((sum, code) => sum + code.joints.length, 0) <= mostJointsInAll) return tiling;
  }
  return undefined;
}

/** Whether there is a plan. */
export function hasDepthwisePlan(g: ConvolutionGeometry, direction: Direction): boolean {
  return tilingOf(g, direction, true) !== undefined;
}

/**
 * The plan of a depthwise convolution, or undefined where its kernel is so long that its code would be too. `twice`: whether pixels may be computed
 * twice, so that the last tile of a row is as wide as the others.
 */
export function planDepthwise(g: ConvolutionGeometry, direction: Direction, twice: boolean): DepthwisePlan | undefined {
  const tiling = tilingOf(g, direction, twice);
  if (!tiling) return undefined;
  const axes = g.input.map((_, axis) => axisOf(g, axis, direction));
  const last = at(axes, axes.length - 1);
  const outer = axes.slice(0, -1);
  const [inputPitch, tapPitch] = [stridesOf(axes.map((axis) => axis.inputs)), stridesOf(axes.map((axis) => axis.taps))];
  let rows: RowJoint[][] = [[{ input: 0, tap: 0 }]];
  for (const [index, axis] of outer.entries()) {
    rows = rows.flatMap((row) =>
      byOutput(axis).map((joints) =>
        row.flatMap(({ input, tap }) =>
          joints.map((joint) => ({
            input: input + joint.input * at(inputPitch, index),
            tap: tap + joint.tap * at(tapPitch, index),
          })),
        ),
      ),
    );
  }
  return {
    ...tiling,
    rows,
    width: last.outputs,
    rowTaps: last.taps,
    taps: sizeOf(g.kernel),
    inputPixels: sizeOf(axes.map((axis) => axis.inputs)),
    outputPixels: sizeOf(axes.map((axis) => axis.outputs)),
  };
}
