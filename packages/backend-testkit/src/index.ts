// @stria/backend-testkit: holds a backend to the contract.
export type { BackendFactory, CheckOptions } from "./check.ts";
export { checkBackend } from "./check-backend.ts";
export { type CheckResult, type Report, toMarkdown } from "./report.ts";
export { CheckError, checkGradient, type GradientOptions } from "./check-gradient.ts";
export { checkOp, type OpCheck } from "./check-op.ts";
