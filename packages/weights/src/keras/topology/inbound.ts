// The inbound nodes of functional models, in the notations of Keras 2 and of Keras 3.
import { entry, isList, isObject, type Json } from "./json.ts";

/** Where a tensor comes from: the `node`-th use of the layer `layer`. */
export interface Origin {
  readonly layer: string;
  readonly node: number;
  readonly result: number;
}

/** What one use of a layer is given. */
export interface Inbound {
  readonly origins: readonly Origin[];
  readonly constants: readonly (number | null)[];
  readonly keywords: readonly string[];
}

/** `["conv2d", 0, 0]`, maybe with keyword arguments behind. */
function originOf(value: Json | undefined): Origin | undefined {
  if (!isList(value)) return undefined;
  const [layer, node, result] = value;
  if (typeof layer !== "string" || !Number.isInteger(node) || !Number.isInteger(result)) return undefined;
  return { layer, node: Number(node), result: Number(result) };
}

/** Every origin in a nest of lists and dicts, in order: `[["a", 0, 0], ["b", 0, 0]]`, `["a", 0, 0]` alone, `{"x": ["a", 0, 0]}`. */
export function originsIn(value: Json | undefined): Origin[] {
  const origin = originOf(value);
  if (origin) return [origin];
  if (isList(value)) return value.flatMap(originsIn);
  return isObject(value) ? Object.values(value).flatMap(originsIn) : [];
}

/** A tensor as Keras 3 writes it. */
function kerasTensor(value: Json): Origin | undefined {
  return entry(value, "class_name") === "__keras_tensor__"
    ? originOf(entry(entry(value, "config"), "keras_history"))
    : undefined;
}

interface Found {
  readonly origins: Origin[];
  readonly constants: (number | null)[];
}

function collect(value: Json, found: Found): void {
  const origin = kerasTensor(value);
  if (origin) {
    found.origins.push(origin);
    found.constants.push(null);
  } else if (typeof value === "number") found.constants.push(value);
  else if (isList(value)) for (const part of value) collect(part, found);
}

/** Keras 3: `{"args": [...], "kwargs": {...}}`. */
function inbound3(node: Json): Inbound {
  const found: Found = { origins: [], constants: [] };
  const args = entry(node, "args");
  if (isList(args)) for (const value of args) collect(value, found);
  const named = entry(node, "kwargs");
  const keywords = isObject(named) ? Object.entries(named).filter(([, value]) => holdsTensor(value)) : [];
  return { ...found, keywords: keywords.map(([name]) => name) };
}

function holdsTensor(value: Json): boolean {
  if (kerasTensor(value)) return true;
  if (isList(value)) return value.some(holdsTensor);
  return isObject(value) && Object.values(value).some(holdsTensor);
}

/** Keras 2: `[["conv2d", 0, 0, {}], ...]`, or one of these alone. */
function inbound2(node: Json): Inbound {
  const list = originOf(node) ? [node] : isList(node) ? node : [];
  const origins = list.flatMap((one) => originOf(one) ?? []);
  const keywords = list.flatMap((one) => {
    const named = isList(one) ? one[3] : undefined;
    return isObject(named) ? Object.entries(named).filter(([, value]) => originsIn(value).length > 0) : [];
  });
  return { origins, constants: origins.map(() => null), keywords: keywords.map(([name]) => name) };
}

/** What the uses of a layer are given, one after the other. */
export function inboundOf(nodes: Json | undefined): Inbound[] {
  if (!isList(nodes)) return [];
  return nodes.map((node) => (isObject(node) ? inbound3(node) : inbound2(node)));
}
