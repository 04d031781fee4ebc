// Transforms of transforms: sometimes, and one of several.
import { AttributeError } from "@stria/core";
import type { KindsOf, List } from "./compose.ts";
import type { Kind } from "./parts.ts";
import { checkProbability } from "./range.ts";
import type { Rules, Transform } from "./transform.ts";

/** A transform with a probability; its parameters are null where nothing is done. @throws AttributeError for a probability that is not from 0 to 1 */
export function sometimes<Parameters, Known extends Kind>(
  transform: Transform<Parameters, Known>,
  probability?: number,
): Transform<Parameters | null, Known>;
export function sometimes(transform: Transform, probability = 0.5): Transform<unknown, never> {
  checkProbability("sometimes", probability);
  const { rules } = transform;
  const all: Rules<unknown> = {
    image: (part, parameters, canvas) => (parameters === null ? part : rules.image(part, parameters, canvas)),
    mask: (part, parameters, canvas) => (parameters === null ? part : rules.mask(part, parameters, canvas)),
    boxes: (part, parameters, canvas) => (parameters === null ? part : rules.boxes(part, parameters, canvas)),
    keypoints: (part, parameters, canvas) => (parameters === null ? part : rules.keypoints(part, parameters, canvas)),
  };
  return {
    name: `sometimes(${transform.name})`,
    draw: (random, canvas) => (random.chance(probability) ? transform.draw(random.split(0), canvas) : null),
    sizeAfter: (canvas, parameters) => (parameters === null ? canvas : transform.sizeAfter(canvas, parameters)),
    rules: Object.fromEntries(Object.entries(all).filter(([kind]) => Object.hasOwn(rules, kind))),
  };
}

/** Which of the transforms, and what it drew. */
export interface Choice {
  readonly index: number;
  readonly parameters: unknown;
}

/** One of the transforms, each as likely. It has a rule for the parts that all of them have one for. @throws AttributeError for an empty list */
export function oneOf<const Transforms extends List>(transforms: Transforms): Transform<Choice, KindsOf<Transforms>>;
export function oneOf(transforms: readonly Transform[]): Transform<Choice, never> {
  if (transforms.length === 0) throw new AttributeError("oneOf", "there is nothing to choose from", "pass transforms");
  const chosen = (index: number): Transform => {
    const found = transforms[index];
    if (found) return found;
    throw new AttributeError("oneOf", `there is no transform ${index} of ${transforms.length}`, "pass what it drew");
  };
  const all: Rules<Choice> = {
    image: (part, { index, parameters }, canvas) => chosen(index).rules.image(part, parameters, canvas),
    mask: (part, { index, parameters }, canvas) => chosen(index).rules.mask(part, parameters, canvas),
    boxes: (part, { index, parameters }, canvas) => chosen(index).rules.boxes(part, parameters, canvas),
    keypoints: (part, { index, parameters }, canvas) => chosen(index).rules.keypoints(part, parameters, canvas),
  };
  return {
    name: `oneOf(${transforms.map(({ name }) => name).join(", ")})`,
    draw(random, canvas) {
      const index = random.integer(transforms.length);
      return { index, parameters: chosen(index).draw(random.split(index), canvas) };
    },
    sizeAfter: (canvas, { index, parameters }) => chosen(index).sizeAfter(canvas, parameters),
    rules: Object.fromEntries(
      Object.entries(all).filter(([kind]) => transforms.every(({ rules }) => Object.hasOwn(rules, kind))),
    ),
  };
}
