// Cropping, padding and flipping against torchvision: images, masks, boxes and key points.
import {
  type Border,
  type Fill,
  type Image,
  type Window,
  boxes,
  centreWindow,
  cropBoxes,
  cropImage,
  cropKeypoints,
  cropMask,
  fiveWindows,
  flipBoxes,
  flipImage,
  flipKeypoints,
  flipMask,
  image,
  keypoints,
  largeBoxes,
  mask,
  paddedWindow,
} from "@stria/augmentation";
import type { HostTensor } from "@stria/core/safetensors";
import { describe, expect, it } from "vitest";
import { asNumber, asNumbers, asText, isList } from "../src/golden/json.ts";
import { type VisionCase, excess, visionCases } from "../src/golden/vision-case.ts";
import { largeGoldens } from "../src/setting.ts";

const folder = largeGoldens();
const prefix = "torchvision.transforms.v2.functional.";
const number = (of: VisionCase, name: string): number => asNumber(of.args[name], `${name} of ${of.id}`);

function asImage({ data, shape }: HostTensor): Image {
  const [channels = 0, height = 0, width = 0] = shape;
  if (!(data instanceof Float32Array || data instanceof Uint8Array)) throw new TypeError("no image");
  return image<Float32Array | Uint8Array>(data, [channels, height, width]);
}

function sizeOf(of: VisionCase, name: string): { height: number; width: number } {
  const [height = 0, width = 0] = asNumbers(of.args[name], of.id);
  return { height, width };
}

/** One number for all sides, two for both axes, or four: left, top, right, bottom. */
function sidesOf(of: VisionCase): [number, number, number, number] {
  const { padding } = of.args;
  const [left = 0, top = left, right = left, bottom = top] = isList(padding)
    ? asNumbers(padding, of.id)
    : [asNumber(padding, of.id)];
  return [left, top, right, bottom];
}

type Canvas = Pick<Window, "height" | "width">;

/** The calls that cut a window, and which one. */
const windows: Readonly<Record<string, (of: VisionCase, canvas: Canvas) => Window>> = {
  crop: (of) => ({
    top: number(of, "top"),
    left: number(of, "left"),
    height: number(of, "height"),
    width: number(of, "width"),
  }),
  center_crop: (of, canvas) => centreWindow(sizeOf(of, "output_size"), canvas),
  pad: (of, canvas) => paddedWindow(sidesOf(of), canvas),
};

const flips = { horizontal_flip: "horizontal", vertical_flip: "vertical" } as const;

function optionsOf({ args: { fill, padding_mode: mode = "constant" }, id }: VisionCase): {
  border: Border;
  fill: Fill;
} {
  const border = asText(mode, id);
  if (border !== "constant" && border !== "edge" && border !== "reflect" && border !== "symmetric")
    throw new TypeError(`${border} in ${id}`);
  return { border, fill: isList(fill) ? asNumbers(fill, id) : asNumber(fill ?? 0, id) };
}

/** The images that a case makes, or undefined for a call that is of another kind. */
function imagesOf(of: VisionCase): readonly Image[] | undefined {
  const call = of.call.slice(prefix.length);
  if (call in flips)
    return [flipImage(asImage(of.input("image")), flips[call === "vertical_flip" ? call : "horizontal_flip"])];
  const read = (): Image => asImage(of.input("image"));
  if (call === "five_crop" || call === "ten_crop") {
    const original = read();
    const flipped = flipImage(original, of.args["vertical_flip"] === true ? "vertical" : "horizontal");
    return (call === "five_crop" ? [original] : [original, flipped]).flatMap((one) =>
      fiveWindows(sizeOf(of, "size"), { height: one.shape[1], width: one.shape[2] }).map((window) =>
        cropImage(one, window),
      ),
    );
  }
  const window = Object.hasOwn(windows, call) ? windows[call] : undefined;
  if (!window) return undefined;
  const original = read();
  return [cropImage(original, window(of, { height: original.shape[1], width: original.shape[2] }), optionsOf(of))];
}

describe.skipIf(folder === undefined)("left out where ../shared is missing:", () => {
  const cases = folder === undefined ? [] : visionCases(folder, "vision-augmentation");
  const found = cases.flatMap((of) => {
    const made = imagesOf(of);
    return made ? [{ id: of.id, of, made }] : [];
  });

  it("has the calls", () => {
    expect(found.length).toBeGreaterThanOrEqual(14);
  });

  it.each(found)("image $id", ({ of, made }) => {
    const expected = of.expected(of.outputs[0] ?? "");
    const values = made.flatMap((one) => [...one.values]);
    expect([made.length, ...(made[0]?.shape ?? [])]).toEqual(
      expected.shape.length === 4 ? expected.shape : [1, ...expected.shape],
    );
    expect(excess(values, expected, of)).toBeLessThanOrEqual(0);
  });

  const targets = (folder === undefined ? [] : visionCases(folder, "vision-targets")).filter(
    ({ call }) => call.slice(prefix.length) in { ...windows, ...flips },
  );

  it.each(targets.map((of) => ({ id: of.id, of })))("targets $id", ({ of }) => {
    const call = of.call.slice(prefix.length);
    const { data, shape } = of.input("mask");
    const [height = 0, width = 0] = shape;
    if (!(data instanceof Uint8Array)) throw new TypeError("no mask");
    const whole = mask(data, [height, width]);
    const all = boxes(
      Float32Array.from(of.input("boxes").data),
      Int32Array.from({ length: of.input("boxes").shape[0] ?? 0 }, (_, i) => i),
    );
    const points = keypoints(Float32Array.from(of.input("keypoints").data));
    const window = windows[call]?.(of, { height, width });
    const direction = call === "vertical_flip" ? "vertical" : "horizontal";
    const made = window
      ? { mask: cropMask(whole, window), boxes: cropBoxes(all, window), keypoints: cropKeypoints(points, window) }
      : {
          mask: flipMask(whole, direction),
          boxes: flipBoxes(all, direction, { height, width }),
          keypoints: flipKeypoints(points, direction, { height, width }),
        };
    expect([...made.mask.values]).toEqual([...of.expected("mask").data]);
    expect(made.mask.shape).toEqual([...of.expected("canvas").data]);
    expect(excess(made.boxes.values, of.expected("boxes"), of)).toBeLessThanOrEqual(0);
    const proper = of.outputs.includes("proper_keypoints") ? "proper_keypoints" : "keypoints";
    expect(excess(made.keypoints.values, of.expected(proper), of)).toBeLessThanOrEqual(0);
    const kept = largeBoxes(made.boxes, { minimumSide: number(of, "min_size") });
    const keep = [...of.expected("keep").data];
    expect([...kept.labels]).toEqual(keep.flatMap((one, index) => (one === 1 ? [index] : [])));
  });

  it("targets has the calls", () => {
    expect(targets.length).toBeGreaterThanOrEqual(6);
  });
});
