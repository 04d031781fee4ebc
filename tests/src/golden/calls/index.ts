// All calls that Stria has an answer for.
import type { Call, CallTable, ExpressionTable } from "./call.ts";
import { activationCalls, activationExpressions } from "./activation.ts";
import { convCalls, convExpressions } from "./conv.ts";
import { elementwiseCalls, elementwiseExpressions } from "./elementwise.ts";
import { lossCalls, lossExpressions } from "./loss.ts";
import { matmulCalls, matmulExpressions } from "./matmul.ts";
import { networkExpressions } from "./network.ts";
import { normCalls, normExpressions } from "./norm.ts";
import { poolCalls, poolExpressions } from "./pool.ts";
import { recurrentCalls } from "./recurrent.ts";
import { reduceCalls, reduceExpressions } from "./reduce.ts";
import { resizeCalls, resizeExpressions } from "./resize.ts";
import { shapeCalls, shapeExpressions } from "./shape.ts";

const calls: CallTable = {
  ...elementwiseCalls,
  ...activationCalls,
  ...shapeCalls,
  ...reduceCalls,
  ...matmulCalls,
  ...convCalls,
  ...poolCalls,
  ...normCalls,
  ...lossCalls,
  ...recurrentCalls,
  ...resizeCalls,
};

const expressions: ExpressionTable = {
  ...elementwiseExpressions,
  ...activationExpressions,
  ...shapeExpressions,
  ...reduceExpressions,
  ...matmulExpressions,
  ...convExpressions,
  ...poolExpressions,
  ...normExpressions,
  ...lossExpressions,
  ...networkExpressions,
  ...resizeExpressions,
};

/** What answers a call; where an expression is given, it must be the known one, word for word. */
export function answerTo(call: string, expression: string | undefined): Call | undefined {
  if (expression !== undefined) return expressions[call]?.find((known) => known.expression === expression)?.answer;
  return Object.hasOwn(calls, call) ? calls[call] : undefined;
}
