// What the classifiers of video share: the check of their input, and what their metadata have in common.
import { ShapeError, type Tensor, showShape } from "@stria/core";
import type { ModelInfo } from "./model-info.ts";

/** What a classifier says of its input. */
export interface ClipReader {
  readonly inChannels: number;
  /** Least and largest number of frames. */
  readonly frames: readonly [least: number, most: number];
  /** Least and largest height and width. */
  readonly sizes: readonly [least: number, most: number];
}

/** @throws ShapeError unless x is [N, inChannels, frames, height, width] with frames and sizes in range. */
export function checkClips(model: string, { inChannels, frames, sizes }: ClipReader, x: Tensor): void {
  const [, channels, count = 0, height = 0, width = 0] = x.shape;
  if (x.rank !== 5 || channels !== inChannels)
    throw new ShapeError(
      model,
      `the input is ${showShape(x.shape)}`,
      `give clips [N, ${inChannels}, frames, height, width]`,
    );
  const [fewest, most] = frames;
  const [least, largest] = sizes;
  const fits = count >= fewest && count <= most && Math.min(height, width) >= least;
  if (!fits || Math.max(height, width) > largest)
    throw new ShapeError(
      model,
      `clips of ${count} frames of ${height}x${width} do not fit`,
      most === Infinity
        ? `give at least ${fewest} frames of at least ${least}x${least}`
        : `give ${fewest} to ${most} frames of ${least}x${least} to ${largest}x${largest}`,
    );
}

/** Clips of 16 frames of 112x112, normalised as Kinetics-400's are by torchvision's weights. */
export const clips: Pick<ModelInfo, "task" | "inputShape" | "preprocessing"> = {
  task: "video",
  inputShape: [3, 16, 112, 112],
  preprocessing: {
    mean: [0.43216, 0.394666, 0.37645],
    standardDeviation: [0.22803, 0.22145, 0.216989],
    pad: 0,
  },
};
