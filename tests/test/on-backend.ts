// Tests that want an executor: without its device they fail in continuous integration, and are left out elsewhere, with the reason.
import { afterAll, describe, test } from "vitest";
import { type BackendName } from "../src/golden/backends.ts";
import { strict, tryBackend } from "../src/setting.ts";

/** Declares the tests of `define` on a backend. */
export async function onBackend(name: BackendName, define: () => void): Promise<void> {
  const backend = await tryBackend(name);
  if (typeof backend === "string") {
    if (!strict) test.skip(`${name}: left out: ${backend}`);
    else
      test(name, () => {
        throw new Error(backend);
      });
    return;
  }
  describe(name, () => {
    define();
    afterAll(() => backend.dispose());
  });
}
