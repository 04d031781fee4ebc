// The weights manifest of a TensorFlow.js model: groups of weights, and the files that hold their bytes one after the other.
import { type Shape, type StoredType, sizeOf } from "@stria/core";
import { elementBytes } from "../elements/element-bytes.ts";
import { refuse } from "../fault.ts";
import { entry, isList, type Json, textOf } from "../keras/topology/json.ts";
import { checkPartName } from "../source/part-name.ts";
import { checkTensorName } from "../tensor-name.ts";

/** How a weight's numbers were made smaller: value = code * scale + min, where `codes` is no float. */
export interface Quantisation {
  readonly codes: "U8" | "U16" | "F16";
  readonly scale: number;
  readonly min: number;
}

/** A weight as the manifest states it, in the order of the bytes. */
export interface ManifestWeight {
  readonly name: string;
  readonly shape: Shape;
  readonly storedAs: StoredType;
  readonly quantisation?: Quantisation;
  /** Bytes in the group's files. */
  readonly bytes: number;
}

export interface ManifestGroup {
  readonly paths: readonly string[];
  readonly weights: readonly ManifestWeight[];
}

const mostDimensions = 64;
const mostFiles = 10_000;

const elementTypes: Readonly<Record<string, StoredType>> = {
  float32: "F32",
  float16: "F16",
  int32: "I32",
  uint16: "U16",
  uint8: "U8",
  bool: "BOOL",
};

const codeTypes: Readonly<Record<string, Quantisation["codes"]>> = { uint8: "U8", uint16: "U16", float16: "F16" };

function known<Type>(table: Readonly<Record<string, Type>>, name: Json | undefined): Type | undefined {
  return typeof name === "string" && Object.hasOwn(table, name) ? table[name] : undefined;
}

function readWeight(value: Json, source: string): ManifestWeight {
  const name = textOf(entry(value, "name"));
  if (name === undefined) return refuse(source, "its manifest has a weight without a name");
  checkTensorName(name, source);
  const fail = (fault: string): never => refuse(source, `the weight ${JSON.stringify(name)} ${fault}`);
  const lengths = entry(value, "shape");
  if (!isList(lengths) || lengths.length > mostDimensions) return fail("has no shape");
  const shape = lengths.map((length) =>
    typeof length === "number" && Number.isSafeInteger(length) && length >= 0
      ? length
      : fail(`has the shape ${JSON.stringify(lengths).slice(0, 100)}`),
  );
  const dtype = entry(value, "dtype");
  const storedAs = known(elementTypes, dtype);
  if (storedAs === undefined)
    return fail(`is of the type ${JSON.stringify(dtype)}, which is not read; numbers and booleans are`);
  const given = entry(value, "quantization");
  if (given === undefined || given === null)
    return { name, shape, storedAs, bytes: sizeOf(shape) * elementBytes[storedAs] };
  const codes = known(codeTypes, entry(given, "dtype"));
  if (codes === undefined) return fail(`is quantised to ${JSON.stringify(entry(given, "dtype"))}, which is not read`);
  const [scale, min] = [entry(given, "scale") ?? 1, entry(given, "min") ?? 0];
  if (codes !== "F16" && (typeof entry(given, "scale") !== "number" || typeof entry(given, "min") !== "number"))
    return fail("is quantised without a scale and a minimum that are numbers");
  if (storedAs !== "F32" && (storedAs !== "I32" || codes === "F16"))
    return fail(`of the type ${storedAs} is quantised to ${codes}`);
  return {
    name,
    shape,
    storedAs,
    quantisation: { codes, scale: Number(scale), min: Number(min) },
    bytes: sizeOf(shape) * elementBytes[codes],
  };
}

/** The groups of a manifest. @throws FormatError for what is none, for files outside the model's folder and for weights of one name */
export function readManifest(manifest: Json | undefined, source: string): ManifestGroup[] {
  if (!isList(manifest))
    return refuse(source, "it has no weightsManifest", "pass the model.json of a TensorFlow.js model");
  const names = new Set<string>();
  let files = 0;
  return manifest.map((group) => {
    const [paths, weights] = [entry(group, "paths"), entry(group, "weights")];
    if (!isList(paths) || !isList(weights)) return refuse(source, "a group of its manifest lacks paths or weights");
    files += paths.length;
    if (files > mostFiles) return refuse(source, `it has more than ${mostFiles} files`);
    return {
      paths: paths.map((path) => {
        if (typeof path !== "string") return refuse(source, "a path of its manifest is no text");
        checkPartName(path, source);
        return path;
      }),
      weights: weights.map((value) => {
        const weight = readWeight(value, source);
        if (names.has(weight.name)) return refuse(source, `it has two weights called ${JSON.stringify(weight.name)}`);
        names.add(weight.name);
        return weight;
      }),
    };
  });
}
