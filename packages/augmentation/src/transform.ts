// A transform is a value with two halves: one draws parameters, the other is an exact function of a part and the parameters.
import { AttributeError, rootSeed } from "@stria/core";
import { type ItemRandom, itemRandom } from "@stria/data";
import {
  type Boxes,
  type Canvas,
  type Image,
  type Keypoints,
  type Kind,
  type Mask,
  type Part,
  type Parts,
  type PartsByName,
  canvasOf,
} from "./parts.ts";

/** What becomes of each kind of part. `canvas` is the size of the image before. */
export interface Rules<Parameters> {
  /** What becomes of an image. */
  image(part: Image, parameters: Parameters, canvas: Canvas): Image;
  /** What becomes of a mask. */
  mask(part: Mask, parameters: Parameters, canvas: Canvas): Mask;
  /** What becomes of boxes. */
  boxes(part: Boxes, parameters: Parameters, canvas: Canvas): Boxes;
  /** What becomes of key points. */
  keypoints(part: Keypoints, parameters: Parameters, canvas: Canvas): Keypoints;
}

/**
 * A transform of samples. Parameters are plain data: log them, send them, apply them again. A sample with a part of a kind that has no rule does not
 * compile.
 */
export interface Transform<Parameters = unknown, Known extends Kind = Kind> {
  readonly name: string;
  /** Draws parameters for an image of size `canvas`: a function of the random stream and the size alone. */
  draw(random: ItemRandom, canvas: Canvas): Parameters;
  /** The size of what was an image of size `canvas`. */
  sizeAfter(canvas: Canvas, parameters: Parameters): Canvas;
  readonly rules: Pick<Rules<Parameters>, Known>;
}

/** Which sample of which epoch, as a loader counts them. */
export interface Place {
  readonly index: number;
  /** Default 0. */
  readonly epoch?: number;
  /** Where a sampler repeats samples: the how-manieth time of the epoch it is. Default 0. */
  readonly occurrence?: number;
  /** Default: the root seed. */
  readonly seed?: number;
}

/**
 * The parameters that a transform draws for a sample: those that a loader of the same seed draws for it, whatever the batch size, the order, the worker
 * or the backend.
 */
export function parametersOf<Parameters>(
  transform: Transform<Parameters, never>,
  canvas: Canvas,
  { index, epoch = 0, occurrence = 0, seed = rootSeed() }: Place,
): Parameters {
  return transform.draw(itemRandom(seed, { epoch, index, occurrence }), canvas);
}

/** The parts after a transform, by the names that they had. */
export type Transformed<Sample extends PartsByName> = { readonly [Name in keyof Sample]: Parts[Sample[Name]["kind"]] };

function applied({ rules }: Transform, part: Part, parameters: unknown, canvas: Canvas): Part {
  switch (part.kind) {
    case "image":
      return rules.image(part, parameters, canvas);
    case "mask":
      return rules.mask(part, parameters, canvas);
    case "boxes":
      return rules.boxes(part, parameters, canvas);
    case "keypoints":
      return rules.keypoints(part, parameters, canvas);
  }
}

/**
 * Applies a transform with the parameters given to all parts of a sample. The arrays of the sample stay as they are.
 * @param canvas the size of the image, where the sample has none
 * @throws ShapeError when images and masks are not of one size, or there is none and no `canvas`; AttributeError for a part without a rule
 */
export function apply<Parameters, Known extends Kind, Sample extends PartsByName<Known>>(
  transform: Transform<Parameters, Known>,
  sample: Sample,
  parameters: Parameters,
  canvas?: Canvas,
): Transformed<Sample>;
export function apply(
  transform: Transform<unknown, never>,
  sample: PartsByName,
  parameters: unknown,
  canvas: Canvas = canvasOf(sample),
): PartsByName {
  return applyToParts(transform, sample, parameters, canvas);
}

/** Whether a transform has a rule for every part of a sample. @throws AttributeError where it has not. */
function knows(transform: Transform<unknown, never>, sample: PartsByName): transform is Transform {
  for (const [name, { kind }] of Object.entries(sample))
    if (!Object.hasOwn(transform.rules, kind))
      throw new AttributeError(
        transform.name,
        `it has no rule for ${kind}, such as ${name}`,
        "leave that part out, or use another transform",
      );
  return true;
}

/** `apply` where kinds are known when it runs only. @throws AttributeError for a part without a rule. */
export function applyToParts(
  transform: Transform<unknown, never>,
  sample: PartsByName,
  parameters: unknown,
  canvas: Canvas,
): PartsByName {
  if (!knows(transform, sample)) return sample;
  return Object.fromEntries(
    Object.entries(sample).map(([name, part]) => [name, applied(transform, part, parameters, canvas)]),
  );
}
