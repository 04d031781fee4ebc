// Models of TensorFlow.js (model.json and the files it names), as Keras or the converter of TensorFlow wrote them.
import { type StoredTensor, sizeOf } from "@stria/core";
import { decodeStored } from "@stria/core/safetensors";
import { joined } from "@stria/download";
import { Budget } from "../budget.ts";
import { refuse } from "../fault.ts";
import { entry, type Json, parseJson, textOf } from "../keras/topology/json.ts";
import { inferTopology, type KnownTopology } from "../keras/topology/known-layers.ts";
import { readTopology } from "../keras/topology/read-topology.ts";
import type { KerasTopology } from "../keras/topology/topology.ts";
import { namedFromNames, plainNames } from "../keras/variables/from-names.ts";
import { type ByteSource, readAll } from "../source/byte-source.ts";
import { fewAtOnce } from "../source/in-turn.ts";
import { openPart } from "../source/open-part.ts";
import { type FileInput, type OpenOptions, openSource } from "../source/open-source.ts";
import { type ManifestGroup, type ManifestWeight, readManifest } from "./manifest.ts";

/** A model: its weights, and what its config says. */
export interface TfjsFile {
  /** The layers and what they are given; none for graph models. */
  readonly topology?: KerasTopology;
  /**
   * The weights in their own layouts: of layers models by `layer/variable`, "conv2d/kernel", as Keras' files; of graph models by the names of the
   * manifest. Quantised ones are floats again.
   */
  readonly tensors: Map<string, StoredTensor>;
  /** Keras' version that described the layers, "2.15.0", where it says so. */
  readonly version?: string;
  /** What the model is called in errors. */
  readonly source: string;
}

/** How to read a model. */
export interface TfjsOptions {
  /** Whether the config is left aside, so that models with layers of any kind can be read. Default false. */
  readonly weightsOnly?: boolean;
}

function dequantised({ name, shape, storedAs, quantisation }: ManifestWeight, bytes: Uint8Array): StoredTensor {
  if (quantisation === undefined) return { shape, storedAs, bytes };
  const { codes, scale, min } = quantisation;
  const { data } = decodeStored({ shape, storedAs: codes, bytes }, name);
  const values = storedAs === "F32" ? new Float32Array(data.length) : new Int32Array(data.length);
  for (const [index, code] of data.entries()) {
    const value = codes === "F16" ? code : code * scale + min;
    values[index] = storedAs === "F32" ? value : Math.round(value);
  }
  return { shape, storedAs, bytes: new Uint8Array(values.buffer) };
}

function readGroup({ weights }: ManifestGroup, bytes: Uint8Array, budget: Budget): (readonly [string, StoredTensor])[] {
  const { source } = budget;
  let at = 0;
  const tensors = weights.map((weight) => {
    const end = at + weight.bytes;
    if (!(end <= bytes.length))
      return refuse(
        source,
        `the weight ${JSON.stringify(weight.name)} lies at [${at}, ${end}] of ${bytes.length} bytes`,
      );
    if (weight.quantisation) budget.spend(8 * sizeOf(weight.shape), `the weight ${JSON.stringify(weight.name)}`);
    const tensor = dequantised(weight, bytes.subarray(at, end));
    at = end;
    return [weight.name, tensor] as const;
  });
  if (at !== bytes.length) return refuse(source, `${bytes.length - at} bytes behind the last weight belong to none`);
  return tensors;
}

interface Config {
  readonly topology: KerasTopology;
  readonly known: KnownTopology;
  readonly version: string | undefined;
}

function configOf(model: Json, source: string): Config | undefined {
  const format = textOf(entry(model, "format")) ?? "layers-model";
  const described = entry(model, "modelTopology");
  if (format !== "layers-model" || described === undefined || described === null) return undefined;
  const topology = readTopology(entry(described, "model_config") ?? described, source);
  return { topology, known: inferTopology(topology, source), version: textOf(entry(described, "keras_version")) };
}

/**
 * Reads a model of TensorFlow.js from the text of its model.json and the files that it names. Nothing that it names is looked up or run. Where there is a config of
 * layers, every layer must be of a class that is known and every weight of the shape that the config needs, unless `weightsOnly` leaves it aside.
 * @param parts gives the bytes of the files that the manifest names, all beside model.json or below
 * @param source what to call the model in errors
 * @throws FormatError for a model that is damaged or of another kind, for files that it lacks or that would lie outside its folder, for bytes that are missing
 * or left over, for a layer of an unknown class and for weights that do not fit
 */
export async function readTfjs(
  json: string,
  parts: (path: string) => Promise<Uint8Array>,
  source: string = "TensorFlow.js model",
  { weightsOnly = false }: TfjsOptions = {},
): Promise<TfjsFile> {
  const model = parseJson(json, source, "the model");
  const groups = readManifest(entry(model, "weightsManifest"), source);
  const config = weightsOnly ? undefined : configOf(model, source);
  const weights: { readonly name: string; readonly tensor: StoredTensor }[] = [];
  for (const group of groups) {
    const files = await fewAtOnce(group.paths, parts);
    const length = files.reduce((sum, file) => sum + file.length, 0);
    const [only] = files;
    const bytes = only !== undefined && files.length === 1 ? only : joined(files, length);
    const read = readGroup(group, bytes, new Budget(source, length));
    weights.push(...read.map(([name, tensor]) => ({ name, tensor })));
  }
  const isGraph = textOf(entry(model, "format")) === "graph-model";
  if (isGraph) return { tensors: new Map(weights.map(({ name, tensor }) => [name, tensor])), source };
  if (config === undefined) return { tensors: plainNames(weights, source), source };
  const { topology, known, version } = config;
  const tensors = namedFromNames(weights, topology, known, source);
  return { topology, ...(version !== undefined && { version }), tensors, source };
}

const largestJson = 2 ** 28;

/** The model whose model.json is `file`. */
export async function tfjsOf(file: ByteSource, options: TfjsOptions): Promise<TfjsFile> {
  const { name: source, length } = file;
  if (length > largestJson) return refuse(source, `${length} bytes are too many for a model.json`);
  const part = async (path: string): Promise<Uint8Array> => {
    const opened = await openPart(file, path);
    try {
      return await readAll(opened);
    } finally {
      await opened.close();
    }
  };
  return readTfjs(new TextDecoder().decode(await readAll(file)), part, source, options);
}

/**
 * Opens a model of TensorFlow.js by its model.json: its path, its address, or a file of a page with the others as `files`. As {@link readTfjs}.
 * @throws FormatError as {@link readTfjs}; DownloadError for an address that cannot be read; the reason of `signal` when that is aborted
 */
export async function openTfjs(input: FileInput, options: OpenOptions & TfjsOptions = {}): Promise<TfjsFile> {
  const file = await openSource(input, options);
  try {
    return await tfjsOf(file, options);
  } finally {
    await file.close();
  }
}
