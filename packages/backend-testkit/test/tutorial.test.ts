// The backend that the documentation builds passes the kit, in vitest and on the command line.
import { expect, test } from "vitest";
import { testBackend } from "../src/vitest.ts";
import { tutorialBackend, tutorialCode } from "./support/tutorial.ts";

test("the page's backend has fewer than 300 lines", () => {
  expect(tutorialCode().split("\n").length).toBeLessThan(300);
});

testBackend(async () => (await tutorialBackend())());
