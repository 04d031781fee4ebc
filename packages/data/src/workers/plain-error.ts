// Errors as what can be sent to another thread, and back: cloning would keep neither their class nor what they know.
import {
  AttributeError,
  BackendError,
  DisposedError,
  DTypeError,
  FormatError,
  ModeError,
  ShapeError,
  StriaError,
  TraceError,
} from "@stria/core";
import { DownloadError } from "@stria/download";
import { SampleError } from "../sample-error.ts";

/** An error, or another value that was thrown, as plain data. */
export interface PlainError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
  readonly cause?: PlainError | undefined;
  /** Of Stria's errors. */
  readonly subject?: string;
  readonly remedy?: string;
  /** Of a sample's error. */
  readonly sample?: Pick<SampleError, "index" | "during" | "file">;
}

const classes = {
  AttributeError,
  BackendError,
  DisposedError,
  DownloadError,
  DTypeError,
  FormatError,
  ModeError,
  ShapeError,
  StriaError,
  TraceError,
};

/** How many causes of causes are kept: a cause may be its own. */
const deepest = 8;

export function plainError(error: unknown, depth = 0): PlainError {
  if (!(error instanceof Error)) return { name: "", message: String(error) };
  const cause = error.cause === undefined || depth === deepest ? undefined : plainError(error.cause, depth + 1);
  const { name, message, stack } = error;
  return {
    name,
    message,
    stack,
    cause,
    ...(error instanceof StriaError && { subject: error.subject, remedy: error.remedy }),
    ...(error instanceof SampleError && {
      sample: { index: error.index, during: error.during, file: error.file },
    }),
  };
}

/** The error again; that of a sample names the worker too. */
export function errorFrom(plain: PlainError, worker?: number): unknown {
  const { name, message, stack, subject, remedy, sample } = plain;
  if (name === "") return message;
  const cause = plain.cause && errorFrom(plain.cause);
  if (sample) return new SampleError(sample.index, sample.during, cause, { file: sample.file, worker });
  const options = cause === undefined ? {} : { cause };
  let error: Error;
  if (subject !== undefined && remedy !== undefined) {
    const own = Object.entries(classes).find(([known]) => known === name)?.[1] ?? StriaError;
    // The message is `place: subject: fault. Remedy: remedy.`
    const start = message.indexOf(`${subject}: `) + subject.length + 2;
    error = new own(subject, message.slice(start, message.length - `. Remedy: ${remedy}.`.length), remedy, options);
  } else {
    error = new Error(message, options);
    error.name = name;
  }
  if (stack !== undefined) error.stack = stack;
  return error;
}
