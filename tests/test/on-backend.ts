// Tests that want an executor: without its device they fail in continuous integration, and are left out elsewhere, with the reason.
import { afterAll, describe } from "vitest";
import type { BackendName } from "../src/golden/backends.ts";
import { tryBackend } from "../src/setting.ts";

/** Declares the tests of `define` on a backend. @throws in continuous integration where there is no such device. */
export async function onBackend(name: BackendName, define: () => void): Promise<void> {
  const backend = await tryBackend(name);
  const absent = typeof backend === "string";
  describe.skipIf(absent)(`on ${name}${absent ? `, left out: ${backend}` : ""}`, () => {
    define();
    afterAll(() => {
      if (!absent) backend.dispose();
    });
  });
}
