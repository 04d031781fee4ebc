// A file of a real library, and what must come out of it.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { evaluating, FormatError, fromHost, sizeOf, type StoredTensor } from "@stria/core";
import { decodeSafetensors, decodeStored, parseSafetensors } from "@stria/core/safetensors";
import type { GoldenFile } from "../files.ts";
import {
  asList,
  asNumber,
  asNumbers,
  asObject,
  asText,
  type Json,
  type JsonObject,
  isObject,
  parseJson,
} from "../json.ts";
import { Judge } from "../judge.ts";
import { type Outcome, failed, passed } from "../outcome.ts";
import { describeDeviation, worstDeviation } from "../tolerance.ts";
import { readGoldenFile, type ReadFile } from "./readers.ts";
import { smallCnn } from "./small-cnn.ts";

type Tensors = ReadonlyMap<string, StoredTensor>;

/** Valid by the format's text, and in no library's answers: the note says what is in it. */
const unaligned: Readonly<Record<string, readonly [shape: readonly number[], values: readonly number[]]>> = {
  a: [
    [2, 3],
    [0, 1, 2, 3, 4, 5],
  ],
  b: [[2], [0.5, -2]],
};

/** The value as the golden's JSON writes it: dicts as objects, tensors by name, large integers as texts. */
function asJson(value: unknown, names: ReadonlyMap<unknown, string>): Json {
  const name = names.get(value);
  if (name !== undefined) return { tensor: name };
  if (typeof value === "bigint") return String(value);
  if (value instanceof Map)
    return Object.fromEntries(
      [...value].map(([key, inner]: [unknown, unknown]) => [String(key), asJson(inner, names)]),
    );
  if (Array.isArray(value)) return value.map((inner: unknown) => asJson(inner, names));
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return value;
  throw new Error(`a ${typeof value} is not in goldens`);
}

/** A value with the keys of all its objects in order. */
function ordered(value: Json): Json {
  if (Array.isArray(value)) return value.map((inner: Json) => ordered(inner));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, ordered(inner)]),
  );
}

function judgeTensors(judge: Judge, found: Tensors, golden: Tensors, atol: number, meanAtol: number = Infinity): void {
  judge.same("the names of the tensors", [...found.keys()].toSorted(), [...golden.keys()].toSorted());
  for (const [name, expected] of golden) {
    const tensor = found.get(name);
    if (tensor === undefined) continue;
    judge.same(`the type and shape of ${name}`, [tensor.storedAs, tensor.shape], [expected.storedAs, expected.shape]);
    if (atol === 0) {
      if (Buffer.compare(tensor.bytes, expected.bytes) !== 0) judge.misses.push(`the bytes of ${name} differ`);
      continue;
    }
    const [numbers, goldens] = [decodeStored(tensor).data, decodeStored(expected).data];
    let deviations = 0;
    for (const [index, value] of goldens.entries()) {
      const number = numbers[index] ?? Number.NaN;
      judge.check(`${name}[${index}]`, number, value, atol);
      deviations += Math.abs(number - value);
    }
    if (deviations / goldens.length > meanAtol)
      judge.misses.push(`${name} is off by ${deviations / goldens.length} on average`);
  }
}

/** The numbers of a stored tensor, whole ones exactly. */
function exactNumbers({ shape, storedAs, bytes }: StoredTensor): (number | bigint)[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (storedAs === "I64") return Array.from({ length: sizeOf(shape) }, (_, at) => view.getBigInt64(8 * at, true));
  if (storedAs === "F64") return Array.from({ length: sizeOf(shape) }, (_, at) => view.getFloat64(8 * at, true));
  return [...decodeStored({ shape, storedAs, bytes }).data];
}

function judgeValues(judge: Judge, found: Tensors, golden: JsonObject): void {
  judge.same("the names of the tensors", [...found.keys()].toSorted(), Object.keys(golden).toSorted());
  for (const [name, entry] of Object.entries(golden)) {
    const tensor = found.get(name);
    if (tensor === undefined) continue;
    const expected = asObject(entry, name);
    judge.same(`the shape of ${name}`, tensor.shape, expected["shape"]);
    const values = asList(expected["values"], `values of ${name}`);
    const wanted = tensor.storedAs === "I64" ? values.map(String) : asNumbers(values, `values of ${name}`).map(String);
    judge.same(`the values of ${name}`, exactNumbers(tensor).map(String), wanted);
  }
}

function judgeFile(judge: Judge, read: ReadFile, about: JsonObject, folder: string, file: string): void {
  const textOf = (name: string): string => asText(about[name], `${name} of ${file}`);
  if (about["expected"] !== undefined) {
    const all = parseSafetensors(readFileSync(join(folder, textOf("expected")))).tensors;
    const key = about["key"];
    const one = key === undefined ? undefined : all.get(asText(key, "key"));
    const golden = key === undefined ? all : new Map(one ? [["tensor", one]] : []);
    const isQuantised = about["atol"] !== undefined && about["run"] === undefined;
    const mean = about["meanAtol"] === undefined ? undefined : asNumber(about["meanAtol"], "meanAtol");
    judgeTensors(judge, read.tensors, golden, isQuantised ? asNumber(about["atol"], "atol") : 0, mean);
  }
  if (about["values"] !== undefined) {
    const values = parseJson(readFileSync(join(folder, textOf("values")), "utf8"), file);
    judgeValues(judge, read.tensors, asObject(values, file));
  }
  if (about["structure"] !== undefined) {
    const names = new Map<unknown, string>([...read.tensors].map(([name, tensor]) => [tensor, name]));
    const golden = parseJson(readFileSync(join(folder, textOf("structure")), "utf8"), file);
    judge.same("the structure", ordered(asJson(read.value, names)), ordered(golden));
  }
  if (about["metadata"] !== undefined)
    judge.same("the metadata", Object.fromEntries(read.metadata ?? []), about["metadata"]);
  if (file === "unaligned.safetensors")
    for (const [name, [shape, values]] of Object.entries(unaligned)) {
      const tensor = read.tensors.get(name);
      judge.same(name, tensor && [tensor.shape, exactNumbers(tensor)], [shape, values]);
    }
}

const usual = { rtol: 1e-4, atol: 1e-5 }; // those of the operators: convolutions and products

/** The output of the model that the file is of, with its weights; of weights alone there is none. */
async function judgeRun(judge: Judge, read: ReadFile, about: JsonObject, path: string): Promise<void> {
  const run = decodeSafetensors(readFileSync(path)).tensors;
  const [input, golden] = [run.get("input"), run.get("output")];
  if (input === undefined || golden === undefined) throw new Error(`${path} has no input or output`);
  const x = fromHost(input.data, input.shape, input.dtype);
  const model = read.model?.();
  const isPyTorch = asText(about["kind"], "kind").startsWith("pytorch");
  if (model === undefined && !isPyTorch) return;
  const output = model ? evaluating(() => model.forward(x)) : await smallCnn(read.tensors, x);
  const tolerance = {
    rtol: about["rtol"] === undefined ? usual.rtol : asNumber(about["rtol"], "rtol"),
    atol: about["atol"] === undefined ? usual.atol : asNumber(about["atol"], "atol"),
  };
  const deviation = worstDeviation(await output.data(), golden.data, tolerance);
  if (deviation.ratio > 1) judge.misses.push(describeDeviation("output", deviation));
}

/** Reads one file of formats.json. */
export async function runGoodFile(list: GoldenFile, about: JsonObject): Promise<Outcome> {
  const folder = dirname(list.path);
  const file = asText(about["file"], "file");
  const kind = asText(about["kind"], `kind of ${file}`);
  if (about["error"] === true) {
    try {
      await readGoldenFile(kind, join(folder, file));
    } catch (error) {
      if (error instanceof FormatError && error.message.includes(file)) return passed;
      throw error;
    }
    return failed(`it is read, and should be refused`);
  }
  const judge = new Judge();
  const read = await readGoldenFile(kind, join(folder, file));
  judgeFile(judge, read, about, folder, file);
  if (about["run"] !== undefined) await judgeRun(judge, read, about, join(folder, asText(about["run"], "run")));
  return judge.outcome();
}
