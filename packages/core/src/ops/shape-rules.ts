// Checks that several shape ops share.
import { type Shape, maxRank, showShape } from "../aval.ts";
import { AttributeError, ShapeError } from "../errors.ts";

/** A shape a tensor can have. @throws ShapeError naming the op. */
export function checkShape(op: string, shape: Shape): Shape {
  if (shape.length > maxRank) throw new ShapeError(op, `rank ${shape.length} is more than ${maxRank}`, "merge axes with reshape");
  for (const length of shape)
    if (!Number.isInteger(length) || length < 0) throw new ShapeError(op, `shape ${showShape(shape)} has a length that is no whole number >= 0`, "use whole numbers");
  return shape;
}

/** A list of whole numbers with one entry for each of `count` axes. @throws AttributeError naming op and attribute. */
export function checkList(op: string, name: string, list: readonly number[], count: number, least: number): void {
  if (list.length !== count) throw new AttributeError(op, `${name} has ${list.length} entries for ${count} axes`, `give one number for each of the ${count} axes`);
  for (const entry of list)
    if (!Number.isInteger(entry) || entry < least) throw new AttributeError(op, `${name} [${list.join(", ")}] has an entry below ${least} or no whole number`, `use whole numbers >= ${least}`);
}
