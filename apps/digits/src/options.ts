// What can be said on the command line.
import { resolve } from "node:path";
import { parseArgs } from "node:util";

export const backends = ["cpu", "onnx", "webgpu", "reference"] as const;

export type BackendName = (typeof backends)[number];

export interface Options {
  readonly backend: BackendName;
  readonly epochs: number;
  readonly batch: number;
  readonly seed: number;
  /** Undefined: as many as the machine has. */
  readonly threads: number | undefined;
  /** Folder of the data; undefined: STRIA_DATA, then the user's cache, then a download. */
  readonly data: string | undefined;
  readonly save: string | undefined;
  /** A run that was stopped, to go on with. */
  readonly resume: string | undefined;
  /** So many digits drawn by the built-in generator instead of MNIST's. */
  readonly drawn: number | undefined;
  readonly deterministic: boolean;
}

export const help = `Trains LeNet-5 to read handwritten digits, and shows what it still misreads.

npm run demo -- [options]
  --backend NAME   ${backends.join(", ")} (default cpu)
  --epochs N       passes over the training images (default 3)
  --batch N        images in a step (default 64)
  --seed N         of the first values and of the order of the images (default 1)
  --threads N      that compute, for cpu and onnx (default: as many as the machine has)
  --data FOLDER    where MNIST is, or is put (default: STRIA_DATA, then your cache folder)
  --save FILE      where the trained model goes (default: a temporary file)
  --resume FILE    go on with a run that Ctrl-C stopped; with the flags that it was started with
  --drawn N        learn from N digits drawn by the built-in generator instead of MNIST
  --deterministic  cpu: the same bits on every machine and for any number of threads, a little slower
  --help           this text
`;

const defaults = { backend: "cpu", epochs: "3", batch: "64", seed: "1" } as const;

/** A mistake on the command line. */
export class UsageError extends Error {}

function isBackend(name: string): name is BackendName {
  return backends.some((backend) => backend === name);
}

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least)
    throw new UsageError(`--${name} ${text} is not a whole number from ${least}`);
  return value;
}

/** Reads the command line; undefined when help is asked for. @throws UsageError. */
export function readOptions(args: readonly string[]): Options | undefined {
  const text = { type: "string" } as const;
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        backend: { ...text, default: defaults.backend },
        epochs: { ...text, default: defaults.epochs },
        batch: { ...text, default: defaults.batch },
        seed: { ...text, default: defaults.seed },
        threads: text,
        data: text,
        save: text,
        resume: text,
        drawn: text,
        deterministic: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }));
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  if (values.help) return undefined;
  if (!isBackend(values.backend)) throw new UsageError(`--backend ${values.backend} is none of ${backends.join(", ")}`);
  return {
    backend: values.backend,
    epochs: wholeNumber("epochs", values.epochs, 1),
    batch: wholeNumber("batch", values.batch, 1),
    seed: wholeNumber("seed", values.seed, 0),
    threads: values.threads === undefined ? undefined : wholeNumber("threads", values.threads, 1),
    data: fromUser(values.data),
    save: fromUser(values.save),
    resume: fromUser(values.resume),
    drawn: values.drawn === undefined ? undefined : wholeNumber("drawn", values.drawn, 1),
    deterministic: values.deterministic,
  };
}

/** A path as the user meant it: npm runs scripts in the package's folder, wherever it was called. */
function fromUser(path: string | undefined): string | undefined {
  return path === undefined ? undefined : resolve(process.env["INIT_CWD"] ?? process.cwd(), path);
}

/** A path as one word of a shell's line. */
function quoted(path: string): string {
  return /^[\w./:@-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}

/** The command that goes on with a run that was started with `options` and kept in `file`. */
export function commandToResume(options: Options, file: string): string {
  const { backend, epochs, batch, seed, threads, data, save, drawn, deterministic } = options;
  const flags = [
    ...Object.entries({ backend, epochs, batch, seed }).filter(
      ([name, value]) => String(value) !== Reflect.get(defaults, name),
    ),
    ...Object.entries({ threads, drawn }).filter(([, value]) => value !== undefined),
    ...Object.entries({ data, save, resume: file }).flatMap(([name, path]) =>
      path === undefined ? [] : [[name, quoted(path)]],
    ),
  ].map(([name, value]) => `--${name} ${value}`);
  return ["npm run demo --", ...flags, ...(deterministic ? ["--deterministic"] : [])].join(" ");
}
