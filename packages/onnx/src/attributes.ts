// Typed access to the plain attributes of a node: a graph may come from a file, so what is read is checked.
import { AttributeError, type Attrs, type AttrValue, type DType, dtypes } from "@stria/core";

function read<T>(
  attrs: Attrs,
  name: string,
  wanted: string,
  is: (value: AttrValue | undefined) => value is AttrValue & T,
): T {
  const value = attrs[name];
  if (!is(value)) throw new AttributeError(name, `attribute is ${JSON.stringify(value)}`, `give ${wanted}`);
  return value;
}

const isNumber = (value: unknown): value is number => typeof value === "number";
const isBoolean = (value: unknown): value is boolean => typeof value === "boolean";
const isNumbers = (value: unknown): value is readonly number[] => Array.isArray(value) && value.every(isNumber);
const isPair = (value: unknown): value is readonly [number, number] => isNumbers(value) && value.length === 2;
const isPairs = (value: unknown): value is readonly (readonly [number, number])[] =>
  Array.isArray(value) && value.every(isPair);
const isDType = (value: unknown): value is DType => dtypes.some((dtype) => dtype === value);

export const number = (attrs: Attrs, name: string): number => read<number>(attrs, name, "a number", isNumber);
export const flag = (attrs: Attrs, name: string): boolean => read<boolean>(attrs, name, "true or false", isBoolean);
export const numbers = (attrs: Attrs, name: string): readonly number[] =>
  read<readonly number[]>(attrs, name, "a list of numbers", isNumbers);
export const pairs = (attrs: Attrs, name: string): readonly (readonly [number, number])[] =>
  read<readonly (readonly [number, number])[]>(attrs, name, "a list of pairs of numbers", isPairs);
export const dtypeOf = (attrs: Attrs, name: string): DType => read<DType>(attrs, name, "a dtype", isDType);
