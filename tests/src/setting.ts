// What the tests need from outside, and whether it may be missing: golden runs, data sets, devices.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Backend } from "@stria/core";
import { type BackendName, openBackend } from "./golden/backends.ts";
import { describeError } from "./golden/outcome.ts";

const root = new URL("../../", import.meta.url);

/** The goldens that come with the project. */
export const ownGoldens: string = fileURLToPath(new URL("tests/golden/", root));

function folder(path: string): string | undefined {
  const absolute = fileURLToPath(new URL(path, root));
  return existsSync(absolute) ? absolute : undefined;
}

/** The goldens that are too large to come with it. */
export function largeGoldens(): string | undefined {
  return folder("../shared/golden/");
}

/** Where the data sets are. */
export function dataFolder(): string | undefined {
  const named = process.env["STRIA_DATA"];
  return named !== undefined && existsSync(named) ? named : folder("../shared/data/");
}

/** In continuous integration nothing may be left out for want of a device. */
const strict = !["", "false", undefined].includes(process.env["CI"]);

/** An executor, made the default one, or why there is none here. @throws in continuous integration instead. */
export async function tryBackend(name: BackendName): Promise<Backend | string> {
  try {
    return await openBackend(name);
  } catch (error) {
    if (strict) throw error;
    return describeError(error);
  }
}
