// Attributes of a node, read with their types. `infer` has checked them; a wrong one here is a bug and says so.
import { type AttrValue, type Attrs, BackendError } from "@stria/core";

function wrong(name: string, value: AttrValue | undefined): BackendError {
  return new BackendError("webgpu", `attribute ${name} is ${JSON.stringify(value)}`, "report this");
}

export function numberOf(attrs: Attrs, name: string): number {
  const value = attrs[name];
  if (typeof value !== "number") throw wrong(name, value);
  return value;
}

export function flagOf(attrs: Attrs, name: string): boolean {
  const value = attrs[name];
  if (typeof value !== "boolean") throw wrong(name, value);
  return value;
}

export function numbersOf(attrs: Attrs, name: string): number[] {
  const value = attrs[name];
  if (typeof value !== "object") throw wrong(name, value);
  return value.map((item) => {
    if (typeof item !== "number") throw wrong(name, value);
    return item;
  });
}

export function pairsOf(attrs: Attrs, name: string): [number, number][] {
  const value = attrs[name];
  if (typeof value !== "object") throw wrong(name, value);
  return value.map((item) => {
    if (typeof item === "number") throw wrong(name, value);
    return [item[0], item[1]];
  });
}
