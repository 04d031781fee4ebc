// Transforms one after the other.
import { AttributeError } from "@stria/core";
import type { ItemRandom } from "@stria/data";
import type { Canvas, Kind } from "./parts.ts";
import type { Rules, Transform } from "./transform.ts";

/** Transforms of any kinds. */
export type List = readonly Transform<unknown, never>[];

/** The parameters of each of the transforms. */
type ParametersOf<Transforms extends List> = {
  readonly [Index in keyof Transforms]: Transforms[Index] extends Transform<infer Parameters, never>
    ? Parameters
    : never;
};

/** The kinds that all of the transforms have a rule for. */
export type KindsOf<Transforms extends List> = {
  [Name in Kind]: Transforms[number]["rules"] extends Readonly<Record<Name, unknown>> ? Name : never;
}[Kind];

/** What one transform makes of a part. */
type Step<Part> = (transform: Transform, part: Part, parameters: unknown, canvas: Canvas) => Part;

function checkCount(transforms: readonly unknown[], parameters: unknown): void {
  const found = Array.isArray(parameters) ? String(parameters.length) : "no list of";
  if (found !== String(transforms.length))
    throw new AttributeError(
      "compose",
      `${found} parameters for ${transforms.length} transforms`,
      "pass what it drew: a list with those of each transform",
    );
}

/**
 * The transforms one after the other. It has a rule for the parts that all of them have one for, and its parameters are the list of theirs. Each
 * draws from a stream of its own: what one draws does not depend on the others.
 */
export function compose<const Transforms extends List>(
  transforms: Transforms,
): Transform<ParametersOf<Transforms>, KindsOf<Transforms>>;
export function compose(transforms: readonly Transform[]): Transform<readonly unknown[], never> {
  function inTurn<Part>(part: Part, parameters: readonly unknown[], canvas: Canvas, step: Step<Part>): Part {
    checkCount(transforms, parameters);
    let [made, size] = [part, canvas];
    for (const [index, transform] of transforms.entries()) {
      made = step(transform, made, parameters[index], size);
      size = transform.sizeAfter(size, parameters[index]);
    }
    return made;
  }

  const all: Rules<readonly unknown[]> = {
    image: (part, parameters, canvas) =>
      inTurn(part, parameters, canvas, ({ rules }, image, own, size) => rules.image(image, own, size)),
    mask: (part, parameters, canvas) =>
      inTurn(part, parameters, canvas, ({ rules }, mask, own, size) => rules.mask(mask, own, size)),
    boxes: (part, parameters, canvas) =>
      inTurn(part, parameters, canvas, ({ rules }, boxes, own, size) => rules.boxes(boxes, own, size)),
    keypoints: (part, parameters, canvas) =>
      inTurn(part, parameters, canvas, ({ rules }, points, own, size) => rules.keypoints(points, own, size)),
  };
  const known = Object.entries(all).filter(([kind]) => transforms.every(({ rules }) => Object.hasOwn(rules, kind)));

  return {
    name: `compose(${transforms.map(({ name }) => name).join(", ")})`,
    draw(random: ItemRandom, canvas) {
      let size = canvas;
      return transforms.map((transform, index) => {
        const parameters = transform.draw(random.split(index), size);
        size = transform.sizeAfter(size, parameters);
        return parameters;
      });
    },
    sizeAfter: (canvas, parameters) =>
      inTurn(canvas, parameters, canvas, (transform, size, own) => transform.sizeAfter(size, own)),
    rules: Object.fromEntries(known),
  };
}
