// @stria/backend-testkit/vitest: every check as a test.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BackendFactory, CheckOptions, Subject } from "./check.ts";
import { checksFor, runCheck, subjectOf } from "./check-backend.ts";

/** Defines the tests of a backend: the whole of a plugin's test file. @example testBackend(() => myBackend()); */
export function testBackend(factory: BackendFactory, options: CheckOptions & { readonly timeout?: number } = {}): void {
  const { timeout = 60_000 } = options;
  describe("conformance", () => {
    let subject: Subject | undefined;
    beforeAll(async () => {
      subject = subjectOf(await factory(), factory, options);
    }, timeout);
    afterAll(() => subject?.backend.dispose());
    for (const check of checksFor(options))
      test(
        `${check.group}: ${check.name}`,
        async () => {
          if (!subject) throw new Error("the factory made no backend");
          expect(await runCheck(check, subject)).toEqual([]);
        },
        timeout,
      );
  });
}
