// Checks that several shape ops share.
import { type Shape, checkSize, maxRank, showShape } from "../../tensor/aval.ts";
import { type DType, fromStored, toStored } from "../../tensor/dtype.ts";
import { AttributeError, ShapeError } from "../../errors.ts";

/** What is a list by its type may be anything in a file. @throws AttributeError naming op and attribute. */
export function checkIsList(op: string, name: string, list: unknown): void {
  if (!Array.isArray(list))
    throw new AttributeError(op, `${name} is ${JSON.stringify(list) ?? "missing"}`, "give a number, or a list of them");
}

/** A shape a tensor can have. @throws ShapeError naming the op. */
export function checkShape(op: string, shape: Shape): Shape {
  checkIsList(op, "shape", shape);
  if (shape.length > maxRank)
    throw new ShapeError(op, `rank ${shape.length} is more than ${maxRank}`, "merge axes with reshape");
  for (const length of shape)
    if (!Number.isInteger(length) || length < 0)
      throw new ShapeError(
        op,
        `shape ${showShape(shape)} has a length that is no whole number >= 0`,
        "use whole numbers",
      );
  checkSize(op, shape);
  return shape;
}

/** A list of whole numbers with one entry for each of `count` axes. @throws AttributeError naming op and attribute. */
export function checkList(op: string, name: string, list: readonly number[], count: number, least: number): void {
  checkIsList(op, name, list);
  if (list.length !== count)
    throw new AttributeError(
      op,
      `${name} has ${list.length} entries for ${count} axes`,
      `give one number for each of the ${count} axes`,
    );
  for (const entry of list)
    if (!Number.isInteger(entry) || entry < least)
      throw new AttributeError(
        op,
        `${name} [${list.join(", ")}] has an entry below ${least} or no whole number`,
        `use whole numbers >= ${least}`,
      );
}

/** An axis of an attribute, which is counted from 0. @throws ShapeError naming the op. */
export function checkAxis(op: string, axis: number, rank: number): void {
  if (!Number.isInteger(axis) || axis < 0 || axis >= rank)
    throw new ShapeError(op, `axis ${String(axis)} is not one of 0 to ${rank - 1}`, "name an axis that is there");
}

/** Axes of an attribute: sorted and distinct. @throws ShapeError naming the op. */
export function checkAxes(op: string, axes: readonly number[], rank: number): void {
  checkIsList(op, "axes", axes);
  let last = -1;
  for (const axis of axes) {
    checkAxis(op, axis, rank);
    if (axis <= last)
      throw new ShapeError(
        op,
        `axes [${axes.join(", ")}] are not sorted and distinct`,
        "name each axis once, in order",
      );
    last = axis;
  }
}

/** A flag. @throws AttributeError naming op and attribute. */
export function checkFlag(op: string, name: string, value: boolean): void {
  if (typeof value !== "boolean") throw new AttributeError(op, `${name} is ${String(value)}`, "use true or false");
}

/** A number that float16 has, where that is the dtype. @throws AttributeError naming the op. */
export function checkStorable(op: string, value: number, dtype: DType): void {
  if (!Object.is(fromStored(dtype, toStored(dtype, value)), value))
    throw new AttributeError(op, `${value} is no ${dtype}`, "round it first, or make the node by calling the op");
}

/** A number that is neither infinite nor NaN. @throws AttributeError naming op and attribute. */
export function checkFinite(op: string, name: string, value: number): void {
  if (!Number.isFinite(value)) throw new AttributeError(op, `${name} is ${String(value)}`, "use a finite number");
}

/** A number, of any size. @throws AttributeError naming op and attribute. */
export function checkNumber(op: string, name: string, value: number): void {
  if (typeof value !== "number") throw new AttributeError(op, `${name} is ${String(value)}`, "use a number");
}
