// What can be said on the command line.
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
}

export const help = `Trains LeNet-5 to read handwritten digits, and shows what it still misreads.

npm run demo -- [options]
  --backend NAME   ${backends.join(", ")} (default cpu)
  --epochs N       passes over the training images (default 4)
  --batch N        images in a step (default 64)
  --seed N         of the first values and of the order of the images (default 1)
  --threads N      that compute, for cpu and onnx (default: as many as the machine has)
  --data FOLDER    where MNIST is, or is put (default: STRIA_DATA, then your cache folder)
  --save FILE      where the trained model goes (default: a temporary file)
  --help           this text
`;

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
        backend: { ...text, default: "cpu" },
        epochs: { ...text, default: "4" },
        batch: { ...text, default: "64" },
        seed: { ...text, default: "1" },
        threads: text,
        data: text,
        save: text,
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
    data: values.data,
    save: values.save,
  };
}
