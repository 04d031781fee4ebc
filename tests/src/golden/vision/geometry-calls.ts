// Calls that move pixels: what they make of images, masks, boxes and key points.
import {
  type Boxes,
  type Canvas,
  type Fill,
  type Image,
  type Interpolation,
  type Keypoints,
  type Mask,
  type Point,
  type Quadrilateral,
  type Warp,
  type WarpInterpolation,
  type Window,
  affineWarp,
  centreWindow,
  cropBoxes,
  cropImage,
  cropKeypoints,
  cropMask,
  flipBoxes,
  flipImage,
  flipKeypoints,
  flipMask,
  paddedWindow,
  perspectiveWarp,
  resizeBatch,
  resizeBoxes,
  resizeImage,
  resizeKeypoints,
  resizeMask,
  rotationWarp,
  shorterSide,
  turnImage,
  warpBatch,
  warpBoxes,
  warpImage,
  warpKeypoints,
  warpMask,
} from "@stria/augmentation";
import type { Tensor } from "@stria/core";
import type { Arguments } from "../arguments.ts";
import { asList, asNumbers } from "../json.ts";

/** What a call makes of each kind of part of an image. */
export interface Move {
  readonly canvas: Canvas;
  image(part: Image): Image;
  mask(part: Mask): Mask;
  boxes(part: Boxes): Boxes;
  keypoints(part: Keypoints): Keypoints;
  /** The same of a batch on the backend, where there is one. */
  readonly batch?: (images: Tensor) => Tensor;
}

function pair(given: Arguments, name: string): readonly [number, number] {
  const [first = 0, second = first] = given.numbers(name);
  return [first, second];
}

function pointOf(given: Arguments, name: string): Point | undefined {
  return given.has(name) ? pair(given, name) : undefined;
}

function corners(given: Arguments, name: string): Quadrilateral {
  const [first, second, third, fourth] = asList(given.json(name), name).map((point): Point => {
    const [x = 0, y = 0] = asNumbers(point, name);
    return [x, y];
  });
  return first && second && third && fourth ? [first, second, third, fourth] : given.missing(name);
}

function fillOf(given: Arguments): Fill {
  return given.axes("fill") ?? 0;
}

function windowMove(window: Window, given: Arguments): Move {
  const border = given.text("padding_mode", "constant");
  if (border !== "constant" && border !== "edge" && border !== "reflect" && border !== "symmetric")
    return given.unsupported(`with padding mode ${border}`);
  const fill = fillOf(given);
  return {
    canvas: window,
    image: (part) => cropImage(part, window, { border, fill }),
    mask: (part) => cropMask(part, window, { border, fill: typeof fill === "number" ? fill : (fill[0] ?? 0) }),
    boxes: (part) => cropBoxes(part, window),
    keypoints: (part) => cropKeypoints(part, window),
  };
}

function warpMove(warp: Warp, given: Arguments): Move {
  const interpolation = given.text("interpolation", "nearest");
  if (interpolation !== "nearest" && interpolation !== "bilinear") return given.unsupported(interpolation);
  const options: { interpolation: WarpInterpolation; fill: Fill } = { interpolation, fill: fillOf(given) };
  return {
    canvas: warp.canvas,
    image: (part) => warpImage(part, warp, options),
    mask: (part) => warpMask(part, warp, typeof options.fill === "number" ? options.fill : (options.fill[0] ?? 0)),
    boxes: (part) => warpBoxes(part, warp),
    keypoints: (part) => warpKeypoints(part, warp),
    ...(options.fill === 0 && { batch: (images) => warpBatch(images, warp, interpolation) }),
  };
}

const interpolations: Readonly<Record<string, Interpolation>> = {
  nearest: "nearest",
  "nearest-exact": "nearestExact",
  bilinear: "bilinear",
  bicubic: "bicubic",
};

function resizeMove(size: Canvas, canvas: Canvas, given: Arguments): Move {
  const name = given.text("interpolation", "bilinear");
  const interpolation =
    (Object.hasOwn(interpolations, name) ? interpolations[name] : undefined) ?? given.unsupported(name);
  const antialias = given.flag("antialias", true);
  return {
    canvas: size,
    image: (part) => resizeImage(part, size, { interpolation, antialias }),
    mask: (part) => resizeMask(part, size),
    boxes: (part) => resizeBoxes(part, size, canvas),
    keypoints: (part) => resizeKeypoints(part, size, canvas),
    batch: (images) => resizeBatch(images, size, { interpolation, antialias }),
  };
}

function both(first: Move, second: Move): Move {
  return {
    canvas: second.canvas,
    image: (part) => second.image(first.image(part)),
    mask: (part) => second.mask(first.mask(part)),
    boxes: (part) => second.boxes(first.boxes(part)),
    keypoints: (part) => second.keypoints(first.keypoints(part)),
  };
}

function windowOf(given: Arguments): Window {
  return {
    top: given.number("top"),
    left: given.number("left"),
    height: given.number("height"),
    width: given.number("width"),
  };
}

/** One number for all sides, two for both axes, or four. */
function sidesOf(given: Arguments): [number, number, number, number] {
  const [left = 0, top = left, right = left, bottom = top] = given.numbers("padding");
  return [left, top, right, bottom];
}

function sizeOf(given: Arguments, name: string): Canvas {
  const [height, width] = pair(given, name);
  return { height, width };
}

/** One number for the shorter side, or both. */
function resized(given: Arguments, canvas: Canvas): Canvas {
  const [side, other] = given.numbers("size");
  const maximum = given.has("max_size") ? given.number("max_size") : Infinity;
  return side === undefined || other !== undefined ? sizeOf(given, "size") : shorterSide(side, canvas, maximum);
}

function flipMove(direction: "horizontal" | "vertical", canvas: Canvas): Move {
  return {
    canvas,
    image: (part) => flipImage(part, direction),
    mask: (part) => flipMask(part, direction),
    boxes: (part) => flipBoxes(part, direction, canvas),
    keypoints: (part) => flipKeypoints(part, direction, canvas),
  };
}

const functional = "torchvision.transforms.v2.functional";

export const geometryCalls: Readonly<Record<string, (given: Arguments, canvas: Canvas) => Move>> = {
  [`${functional}.horizontal_flip`]: (_, canvas) => flipMove("horizontal", canvas),
  [`${functional}.vertical_flip`]: (_, canvas) => flipMove("vertical", canvas),
  [`${functional}.crop`]: (given) => windowMove(windowOf(given), given),
  [`${functional}.center_crop`]: (given, canvas) =>
    windowMove(centreWindow(sizeOf(given, "output_size"), canvas), given),
  [`${functional}.pad`]: (given, canvas) => windowMove(paddedWindow(sidesOf(given), canvas), given),
  [`${functional}.rotate`](given, canvas) {
    const centre = pointOf(given, "center");
    const [angle, expand] = [given.number("angle"), given.flag("expand", false)];
    return warpMove(rotationWarp(canvas, { angle, expand, ...(centre && { centre }) }), given);
  },
  [`${functional}.affine`](given, canvas) {
    const centre = pointOf(given, "center");
    const [first = 0, second = 0] = given.numbers("shear");
    const parameters = {
      angle: given.number("angle"),
      translate: pair(given, "translate"),
      scale: given.number("scale"),
      shear: [first, second] as const,
      ...(centre && { centre }),
    };
    return warpMove(affineWarp(canvas, parameters), given);
  },
  [`${functional}.perspective`]: (given, canvas) =>
    warpMove(
      perspectiveWarp(canvas, { startpoints: corners(given, "startpoints"), endpoints: corners(given, "endpoints") }),
      given,
    ),
  [`${functional}.resize`]: (given, canvas) => resizeMove(resized(given, canvas), canvas, given),
  [`${functional}.resized_crop`](given) {
    const window = windowOf(given);
    return both(windowMove(window, given), resizeMove(resized(given, window), window, given));
  },
  "torchvision.transforms.v2.ScaleJitter"(given, canvas) {
    const [target, scale] = [sizeOf(given, "target_size"), given.number("scale")];
    const ratio = Math.min(target.height / canvas.height, target.width / canvas.width) * scale;
    const size = { height: Math.trunc(canvas.height * ratio), width: Math.trunc(canvas.width * ratio) };
    const stated = sizeOf(given, "size");
    if (stated.height !== size.height || stated.width !== size.width) throw new RangeError("another size is stated");
    return resizeMove(size, canvas, given);
  },
  "vgg.scale_jitter"(given, canvas) {
    const size = shorterSide(given.number("side"), canvas);
    const [top, left, side] = [given.number("top"), given.number("left"), given.number("size")];
    return both(resizeMove(size, canvas, given), windowMove({ top, left, height: side, width: side }, given));
  },
  "torch.rot90"(given, canvas) {
    const turns = given.number("k");
    if (given.numbers("dims").join() !== "-2,-1") return given.unsupported("about other axes");
    const swapped = turns % 2 === 0 ? canvas : { height: canvas.width, width: canvas.height };
    const { image: _, ...rest } = warpMove(rotationWarp(canvas, { angle: 90 * turns, expand: true }), given);
    return { ...rest, canvas: swapped, image: (part) => turnImage(part, turns) };
  },
};
