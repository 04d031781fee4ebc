// The reference passes its own kit.
import { reference } from "@stria/core/reference";
import { testBackend } from "../src/vitest.ts";

testBackend(reference);
