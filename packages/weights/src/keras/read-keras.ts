// Files of Keras: `.keras`, `.h5` and `.weights.h5`, of Keras 2 and 3.
import type { StoredTensor } from "@stria/core";
import { Budget } from "../budget.ts";
import { refuse } from "../fault.ts";
import { crc32 } from "../zip/crc32.ts";
import { readZip } from "../zip/read-zip.ts";
import { type HdfGroup, isHdf5, readHdf5 } from "./hdf5/read-hdf5.ts";
import { type KnownTopology, inferTopology } from "./topology/known-layers.ts";
import { entry, parseJson } from "./topology/json.ts";
import { readTopology } from "./topology/read-topology.ts";
import type { KerasTopology } from "./topology/topology.ts";
import { namedFromNames, plainNames, weightsInGroups } from "./variables/from-names.ts";
import { guessedFromStore, layersOf, namedFromStore } from "./variables/from-store.ts";

/** A model: its weights, and what its config says. */
export interface KerasFile {
  /** The layers and what they are given; none in files of weights alone. */
  readonly topology?: KerasTopology;
  /** The weights in Keras' own layouts, by `layer/variable`: "conv2d/kernel"; of models within the model "inner/conv2d/kernel". */
  readonly tensors: Map<string, StoredTensor>;
  /** Keras' version that wrote the file, "3.15.1", where it says so. */
  readonly version?: string;
  /** What the file is called in errors. */
  readonly source: string;
}

/** How to read a file. */
export interface KerasOptions {
  /** Whether the config is left aside, so that models with layers of any kind can be read. Default false. */
  readonly weightsOnly?: boolean;
}

interface Config {
  readonly topology: KerasTopology;
  readonly known: KnownTopology;
}

function configFrom(text: string, source: string, what: string): Config {
  const topology = readTopology(parseJson(text, source, what), source);
  return { topology, known: inferTopology(topology, source) };
}

/** Weights in either of the two arrangements. */
function tensorsOf(root: HdfGroup, config: Config | undefined, source: string): Map<string, StoredTensor> {
  if (layersOf(root)) {
    return config ? namedFromStore(root, config.topology, config.known, source) : guessedFromStore(root);
  }
  const weights = weightsInGroups(root.groups.get("model_weights") ?? root, source);
  if (!weights)
    return refuse(source, "the HDF5 file holds no weights of Keras", "pass a file of model.save or model.save_weights");
  return config ? namedFromNames(weights, config.topology, config.known, source) : plainNames(weights, source);
}

function readH5(bytes: Uint8Array, budget: Budget, weightsOnly: boolean): KerasFile {
  const { source } = budget;
  const root = readHdf5(bytes, budget);
  const text = root.attributes.get("model_config");
  const config = typeof text === "string" && !weightsOnly ? configFrom(text, source, "model_config") : undefined;
  const version = root.attributes.get("keras_version");
  return file(config, tensorsOf(root, config, source), version, source);
}

function file(config: Config | undefined, tensors: KerasFile["tensors"], version: unknown, source: string): KerasFile {
  const written = typeof version === "string" && version !== "" ? { version } : {};
  return { ...(config && { topology: config.topology }), tensors, ...written, source };
}

const names = { config: "config.json", metadata: "metadata.json", weights: "model.weights.h5" };

function readArchive(bytes: Uint8Array, budget: Budget, weightsOnly: boolean): KerasFile {
  const { source } = budget;
  const entries = readZip(bytes, budget);
  const part = (name: string): Uint8Array => {
    const found = entries.get(name);
    if (!found) return refuse(source, `there is no ${name} in it`, "pass a file of model.save");
    if (found.deflated)
      return refuse(source, `${name} is compressed; Keras never does that`, "pack it again with zip -0");
    return crc32(found.packed) === found.crc
      ? found.packed
      : refuse(source, `${name} is damaged: its checksum is wrong`);
  };
  const text = (name: string): string => new TextDecoder().decode(part(name));
  const settings = text(names.config);
  const config = weightsOnly ? undefined : configFrom(settings, source, names.config);
  const metadata = entries.has(names.metadata) ? parseJson(text(names.metadata), source, names.metadata) : null;
  const root = readHdf5(part(names.weights), budget);
  return file(config, tensorsOf(root, config, source), entry(metadata, "keras_version"), source);
}

/**
 * Reads a `.keras`, `.h5` or `.weights.h5` file of Keras 2 or 3. Nothing that the file names is looked up or run. The tensors stay in the type and
 * layout in which they were saved, as views of the file where they can; `kerasWeights` has them in Stria's. Where there is a config, every layer must be of a class that
 * is known and every weight of the shape that the config needs, unless `weightsOnly` leaves it aside.
 *
 * What is allocated is bounded by 32 MiB and eight times the file's size.
 * @param source what to call the file in errors
 * @throws FormatError for a file that is cut, damaged or of another kind, for a layer of an unknown class, with its name, for weights that are
 * missing or do not fit, and for HDF5 that h5py does not write by default
 */
export function readKeras(
  bytes: Uint8Array,
  source: string = "Keras file",
  { weightsOnly = false }: KerasOptions = {},
): KerasFile {
  const given: unknown = bytes; // what JavaScript may pass
  if (!(given instanceof Uint8Array))
    refuse(source, "what was given is no Uint8Array", "pass the file's bytes: new Uint8Array(arrayBuffer)");
  const budget = new Budget(source, bytes.length);
  if (isHdf5(bytes)) return readH5(bytes, budget, weightsOnly);
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) return readArchive(bytes, budget, weightsOnly);
  return refuse(source, "this is no file of Keras", "pass a .keras, .h5 or .weights.h5 file");
}
