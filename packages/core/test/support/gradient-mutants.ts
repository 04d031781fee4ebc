// Ops with one wrong sign in their gradient rule: each must fail a gradient check, or the check is worth nothing.
import { type Op, type Tensor, type VjpContext, at, neg } from "../../src/index.ts";
import { addOp } from "../../src/ops/add.ts";
import { subOp } from "../../src/ops/sub.ts";
import { currentTrace } from "../../src/trace/trace.ts";

/** A sign in a rule: that of the gradient by `input`, or that of an operand of one of the rule's own additions and subtractions. */
interface Sign {
  readonly name: string;
  readonly input: number;
  readonly sum: number;
  readonly operand: number;
}

const isSum = (op: Op): boolean => op === addOp || op === subOp;

/** What a rule gave, and the places in the trace of the sums that it made. */
function applied(
  rule: NonNullable<Op["vjp"]>,
  context: VjpContext,
): { readonly gradients: readonly (Tensor | null)[]; readonly sums: readonly number[] } {
  const begin = currentTrace()?.nodes.length ?? 0;
  const gradients = rule(context);
  const nodes = currentTrace()?.nodes ?? [];
  return { gradients, sums: [...nodes.keys()].filter((index) => index >= begin && isSum(at(nodes, index).op)) };
}

/** The signs of a rule that gave `gradients` and made `sums`. Forms that a rule takes for other attributes have other numbers of sums. */
function signsOf({ gradients, sums }: ReturnType<typeof applied>, wanted: readonly boolean[]): Sign[] {
  const nodes = currentTrace()?.nodes ?? [];
  return [
    ...gradients.flatMap((gradient, input) =>
      gradient && wanted[input] ? [{ name: `gradient by input ${input}`, input, sum: -1, operand: 0 }] : [],
    ),
    ...sums.flatMap((node, sum) =>
      // -a - b needs no mutant of its own: it is -(a + b), and b's sign is flipped.
      (at(nodes, node).op === addOp ? [0, 1] : [1]).map((operand) => ({
        name: `operand ${operand} of sum ${sum} of ${sums.length}`,
        input: -1,
        sum,
        operand,
      })),
    ),
  ];
}

/** Negates an operand of a node: a + b becomes b - a or a - b, a - b becomes a + b. */
function flipOperand(place: number, operand: number): void {
  const nodes = currentTrace()?.nodes ?? [];
  const node = at(nodes, place);
  const op = node.op === subOp ? addOp : subOp;
  nodes[place] = { ...node, op, inputs: operand === 0 ? node.inputs.toReversed() : node.inputs };
}

/** Flips each sign in the gradient rule of `op` in turn, and names those that `check` does not notice. */
export async function withFlippedSigns(
  op: Op,
  check: () => Promise<boolean>,
): Promise<{ readonly survivors: readonly string[]; readonly count: number }> {
  const rule = op.vjp;
  if (!rule) return { survivors: [], count: 0 };
  const signs = new Map<string, Sign>();
  const record = (context: VjpContext): readonly (Tensor | null)[] => {
    const made = applied(rule, context);
    for (const sign of signsOf(made, context.wanted)) signs.set(sign.name, sign);
    return made.gradients;
  };
  const flipping =
    (sign: Sign) =>
    (context: VjpContext): readonly (Tensor | null)[] => {
      const made = applied(rule, context);
      if (!signsOf(made, context.wanted).some(({ name }) => name === sign.name)) return made.gradients;
      if (sign.sum >= 0) flipOperand(at(made.sums, sign.sum), sign.operand);
      return made.gradients.map((gradient, input) => (gradient && input === sign.input ? neg(gradient) : gradient));
    };
  const survivors: string[] = [];
  try {
    Object.assign(op, { vjp: record });
    if (!(await check())) throw new Error(`the checks of ${op.name} fail before anything is changed`);
    for (const sign of signs.values()) {
      Object.assign(op, { vjp: flipping(sign) });
      if (await check()) survivors.push(sign.name);
    }
  } finally {
    Object.assign(op, { vjp: rule });
  }
  return { survivors, count: signs.size };
}
