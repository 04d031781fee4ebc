// A case of the goldens of images and tasks: its arguments and tensors.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type HostTensor, decodeSafetensors } from "@stria/core/safetensors";
import { type JsonObject, asList, asNumber, asObject, asText, asTexts, isObject, parseJson } from "./json.ts";
import { type Tensors, goldenTensor } from "./ops-case.ts";

export interface VisionCase {
  readonly id: string;
  readonly call: string;
  readonly args: JsonObject;
  readonly outputs: readonly string[];
  readonly rtol: number;
  readonly atol: number;
  /** An input by its name; float32 and divided where the case says so. */
  input(name: string): HostTensor;
  expected(name: string): HostTensor;
}

/** The values as float32, divided by `divisor`, rounded once. */
function divided({ shape, data }: HostTensor, divisor: number): HostTensor {
  return { shape, dtype: "float32", data: Float32Array.from(data, (value) => value / divisor) };
}

function inputOf(entry: JsonObject[string], id: string, tensors: Tensors): readonly [string, () => HostTensor] {
  if (!isObject(entry)) {
    const name = asText(entry, `an input of ${id}`);
    return [name, () => goldenTensor(tensors, `${id}/in/${name}`)];
  }
  const [name, key] = [asText(entry["name"], `an input of ${id}`), asText(entry["tensor"], `an input of ${id}`)];
  const divisor = entry["divideBy"];
  return [
    name,
    () => {
      const found = goldenTensor(tensors, key);
      return divisor === undefined ? found : divided(found, asNumber(divisor, `divideBy of ${id}`));
    },
  ];
}

/** The cases of a file such as `vision-targets.json`. */
export function visionCases(folder: string, name: string): VisionCase[] {
  const path = join(folder, `${name}.json`);
  const { cases } = asObject(parseJson(readFileSync(path, "utf8"), path), path);
  const { tensors } = decodeSafetensors(readFileSync(join(folder, `${name}.safetensors`)), name);
  return asList(cases, path).map((entry): VisionCase => {
    const json = asObject(entry, path);
    const id = asText(json["id"], path);
    const inputs = new Map(asList(json["inputs"], id).map((input) => inputOf(input, id, tensors)));
    return {
      id,
      call: asText(json["call"], id),
      args: json["args"] === undefined ? {} : asObject(json["args"], id),
      outputs: asTexts(json["outputs"], id),
      rtol: asNumber(json["rtol"], id),
      atol: asNumber(json["atol"], id),
      input: (input) => (inputs.get(input) ?? (() => goldenTensor(tensors, `${id}/in/${input}`)))(),
      expected: (output) => goldenTensor(tensors, `${id}/out/${output}`),
    };
  });
}

/** The largest excess of |found - golden| over the case's tolerance; not above 0 where they agree. */
export function excess(found: ArrayLike<number>, { data }: HostTensor, { rtol, atol }: VisionCase): number {
  if (found.length !== data.length) return Infinity;
  return Math.max(
    ...Array.from(data, (golden, index) => {
      const distance = Math.abs((found[index] ?? Number.NaN) - golden) - atol - rtol * Math.abs(golden);
      return Number.isNaN(distance) ? Infinity : distance;
    }),
  );
}
