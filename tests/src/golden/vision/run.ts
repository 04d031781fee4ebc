// The goldens of augmentation: each call is answered, and every output compared.
import { type Canvas, gaussianBlurBatch, largeBoxes } from "@stria/augmentation";
import { type HostTensor, type Tensor, evaluating, grad, mul, tensor } from "@stria/core";
import type { JsonObject } from "../json.ts";
import { type Tensors, goldenTensor } from "../ops-case.ts";
import { type Outcome, Unsupported, failed, passed } from "../outcome.ts";
import { geometryCalls } from "./geometry-calls.ts";
import { otherCalls } from "./other-calls.ts";
import { type Found, boxesOf, imageOf, keypointsOf, listed, maskOf } from "./parts.ts";
import { pixelCalls } from "./pixel-calls.ts";
import { policyCall } from "./policy-calls.ts";
import { type VisionCase, visionCase } from "./vision-case.ts";

type Answers = Readonly<Record<string, Found>>;

function entryOf<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** The size of the image or mask of a case. */
function canvasOf({ inputs }: VisionCase): Canvas {
  if (!inputs.has("image") && !inputs.has("mask")) return { height: 0, width: 0 };
  const [height = 0, width = 0] = inputs.tensor(inputs.has("image") ? "image" : "mask").shape.slice(-2);
  return { height, width };
}

/** What becomes of all the parts of a case. */
function moveAll(of: VisionCase): Answers | undefined {
  const { call, given, inputs, outputs } = of;
  const canvas = canvasOf(of);
  const move = entryOf(geometryCalls, call)?.(given, canvas);
  if (!move) return undefined;
  const found: Record<string, Found> = {
    canvas: listed([move.canvas.height, move.canvas.width]),
  };
  if (inputs.has("image")) {
    const image = move.image(imageOf(inputs.tensor("image")));
    Object.assign(found, { image, proper: image });
  }
  if (inputs.has("mask")) found["mask"] = move.mask(maskOf(inputs.tensor("mask")));
  if (inputs.has("keypoints")) {
    const { values } = move.keypoints(keypointsOf(inputs.tensor("keypoints")));
    const keypoints = { shape: [values.length / 2, 2], values };
    Object.assign(found, { keypoints, proper_keypoints: keypoints });
  }
  if (inputs.has("boxes")) {
    const moved = move.boxes(boxesOf(inputs.tensor("boxes")));
    const boxes = { shape: [moved.labels.length, 4], values: moved.values };
    const kept = new Set(largeBoxes(moved, { minimumSide: given.number("min_size") }).labels);
    const keep = listed(Array.from(moved.labels, (label) => (kept.has(label) ? 1 : 0)));
    Object.assign(found, { boxes, proper_boxes: boxes, keep });
  }
  return Object.fromEntries(outputs.flatMap((name) => (found[name] ? [[name, found[name]]] : [])));
}

/** @throws Unsupported for a call without an answer, or an argument that nobody asked for. */
function answerOf(of: VisionCase): Answers {
  const { call, given, inputs } = of;
  const pixels = entryOf(pixelCalls, call) ?? policyCall(call);
  const found = pixels
    ? { image: pixels(imageOf(inputs.tensor("image")), given, inputs) }
    : (entryOf(otherCalls, call)?.(given, inputs) ?? moveAll(of));
  if (!found) throw new Unsupported(call);
  const unread = [...given.unread(), ...inputs.unread()];
  if (unread.length > 0) throw new Unsupported(`${call} with ${unread.join(", ")}`);
  return found;
}

/**
 * Outputs in which the library errs: there is a `proper` one beside it, of which nothing is left out. The canvas that torchvision gives to boxes is
 * such a one too.
 */
function errs(name: string, outputs: readonly string[]): boolean {
  if (name === "torchvision_box_canvas") return true;
  return outputs.includes(`proper_${name}`) || (name === "image" && outputs.includes("proper"));
}

/** What is wrong with an output, if anything: |found - golden| <= atol + rtol |golden| for every number. */
function missOf(
  name: string,
  { shape, values }: Found,
  golden: HostTensor,
  { rtol, atol }: { readonly rtol: number; readonly atol: number },
): string | undefined {
  if (shape.join() !== golden.shape.join())
    return `${name} has shape [${shape.join(", ")}], golden [${golden.shape.join(", ")}]`;
  let [worst, misses, most] = [-1, 0, 0];
  golden.data.forEach((expected: number, index: number) => {
    const over = Math.abs((values[index] ?? Number.NaN) - expected) - atol - rtol * Math.abs(expected);
    if (over <= 0) return;
    misses++;
    if (over > most || worst < 0) [worst, most] = [index, over];
  });
  if (misses === 0) return undefined;
  const [found, expected] = [values[worst] ?? Number.NaN, golden.data[worst] ?? Number.NaN];
  return `${name}[${worst}] is ${found}, golden ${expected}: off by ${Math.abs(found - expected).toPrecision(3)}, allowed ${atol} (${misses} of ${golden.data.length})`;
}

/** The call on a batch of tensors, for its gradient. */
function batchOf({ call, given, inputs }: VisionCase, canvas: Canvas): ((images: Tensor) => Tensor) | undefined {
  if (call !== "torchvision.transforms.v2.functional.gaussian_blur")
    return entryOf(geometryCalls, call)?.(given, canvas).batch;
  const [[width = 0, height = 0], [x = 0, y = 0]] = [given.numbers("kernel_size"), given.numbers("sigma")];
  return inputs.has("image")
    ? (images) => gaussianBlurBatch(images, { kernelSize: [width, height], sigma: [x, y] })
    : undefined;
}

/** What is wrong with the gradient of sum(output * cotangent) by the image, on the default backend. `slack` widens the tolerance. */
async function missOfGradient(of: VisionCase, tensors: Tensors, slack: number): Promise<string | undefined> {
  const image = imageOf(of.inputs.tensor("image"));
  const [channels, height, width] = image.shape;
  const batch = batchOf(of, { height, width });
  if (!batch || of.grads.join() !== "image") throw new Unsupported(`gradients of ${of.call}`);
  const cotangent = goldenTensor(tensors, `${of.id}/cotangent/image`);
  const weights = tensor(Float32Array.from(cotangent.data), { shape: [1, ...cotangent.shape] });
  const x = tensor(Float32Array.from(image.values), { shape: [1, channels, height, width] });
  const gradient = evaluating(() => grad((images: Tensor) => mul(batch(images), weights).sum())(x));
  const found = { shape: image.shape, values: await gradient.data() };
  const { rtol, atol } = of.tolerance("grad", "image");
  const golden = goldenTensor(tensors, `${of.id}/grad/image`);
  return missOf("gradient of image", found, golden, { rtol: slack * rtol, atol: slack * atol });
}

/** Runs a case of augmentation, targets or policies. @throws Unsupported for what has no answer. */
export async function runVisionCase(json: JsonObject, tensors: Tensors, slack: number): Promise<Outcome> {
  const of = visionCase(json, tensors);
  const answers = answerOf(of);
  for (const name of of.outputs) {
    if (errs(name, of.outputs)) continue;
    const found = answers[name];
    if (!found) throw new Unsupported(`output ${name} of ${of.call}`);
    const miss = missOf(name, found, goldenTensor(tensors, `${of.id}/out/${name}`), of.tolerance("out", name));
    if (miss !== undefined) return failed(miss);
  }
  if (of.grads.length === 0) return passed;
  const miss = await missOfGradient(of, tensors, slack);
  return miss === undefined ? passed : failed(miss);
}
