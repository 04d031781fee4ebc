// A case of an operator golden: what is called with what, and what must come out.
import { type HostTensor, type Tensor, tensor } from "@stria/core";
import { GoldenError, type JsonObject, asNumber, asObject, asText, asTexts } from "./json.ts";

export interface OpsCase {
  readonly id: string;
  readonly call: string;
  readonly expression: string | undefined;
  readonly args: JsonObject;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly grads: readonly string[];
  readonly grad2: readonly string[];
  readonly rtol: number;
  readonly atol: number;
  readonly training: boolean;
  /** nan, inf or empty tensors. */
  readonly special: boolean;
}

function namesOr(value: JsonObject[string] | undefined, what: string): string[] {
  return value === undefined || value === null ? [] : asTexts(value, what);
}

export function readCase(json: JsonObject): OpsCase {
  const id = asText(json["id"], "id");
  const at = (name: string): string => `${name} of ${id}`;
  return {
    id,
    call: asText(json["call"], at("call")),
    expression: json["expression"] === undefined ? undefined : asText(json["expression"], at("expression")),
    args: json["args"] === undefined ? {} : asObject(json["args"], at("args")),
    inputs: namesOr(json["inputs"], at("inputs")),
    outputs: asTexts(json["outputs"], at("outputs")),
    grads: namesOr(json["grads"], at("grads")),
    grad2: namesOr(json["grad2"], at("grad2")),
    rtol: asNumber(json["rtol"], at("rtol")),
    atol: asNumber(json["atol"], at("atol")),
    // Layers are built in training mode.
    training: json["training"] !== false,
    special: json["special"] === true,
  };
}

/** The tensors of a golden file. */
export type Tensors = ReadonlyMap<string, HostTensor>;

export function goldenTensor(tensors: Tensors, key: string): HostTensor {
  const found = tensors.get(key);
  if (!found) throw new GoldenError(`the file has no tensor "${key}"`);
  return found;
}

/** A golden's tensor for Stria. Operator goldens store booleans as uint8, and nothing else. */
export function upload({ data, shape, dtype }: HostTensor): Tensor {
  return tensor(data, { shape, dtype: dtype === "uint8" ? "bool" : dtype });
}
