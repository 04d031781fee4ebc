// All checks, in the order of the report.
import type { Check } from "../check.ts";
import { concurrencyChecks } from "./concurrency.ts";
import { contractChecks } from "./contract.ts";
import { differentiationChecks } from "./differentiation.ts";
import { errorChecks } from "./errors.ts";
import { finiteDifferenceChecks } from "./finite-differences.ts";
import { float16Checks } from "./float16.ts";
import { indexingChecks } from "./indexing.ts";
import { lifetimeChecks } from "./lifetime.ts";
import { opChecks } from "./ops.ts";
import { programChecks } from "./programs.ts";
import { trainingChecks } from "./training.ts";

export const allChecks: readonly Check[] = [
  ...contractChecks,
  ...lifetimeChecks,
  ...programChecks,
  ...concurrencyChecks,
  ...errorChecks,
  ...opChecks,
  ...float16Checks,
  ...differentiationChecks,
  ...finiteDifferenceChecks,
  ...trainingChecks,
  ...indexingChecks,
];
