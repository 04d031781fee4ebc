// Einsum's equations: the axes of every operand and of the result by name, checked against the shapes.
import { type Shape, at, showShape } from "../../tensor/aval.ts";
import { AttributeError, ShapeError } from "../../errors.ts";

/** Names of axes: letters, and `.0`, `.1`, ... for what "..." stands for, counted from the end. */
export type Names = readonly string[];

export interface Equation {
  /** For each operand a name for each axis. */
  readonly operands: readonly Names[];
  readonly output: Names;
  /** The length that goes by each name. */
  readonly lengths: ReadonlyMap<string, number>;
}

const op = "einsum";

/** "ij..." as ["i", "j", "..."]. @throws AttributeError. */
function symbols(term: string): string[] {
  const found: string[] = term.match(/\.\.\.|[\s\S]/g) ?? [];
  for (const symbol of found)
    if (!/^(\.\.\.|[A-Za-z])$/.test(symbol))
      throw new AttributeError(op, `"${symbol}" in "${term}" is no subscript`, 'use letters, and "..." for any axes');
  if (found.indexOf("...") !== found.lastIndexOf("..."))
    throw new AttributeError(op, `"${term}" has "..." twice`, "use it once a term");
  return found;
}

/** The names of `count` axes that "..." stands for. */
function anyAxes(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `.${count - 1 - index}`);
}

function namesOf(term: string, shape: Shape, operand: number): Names {
  const parts = symbols(term);
  const letters = parts.filter((part) => part !== "...").length;
  const rest = shape.length - letters;
  if (rest < 0 || (rest > 0 && letters === parts.length))
    throw new ShapeError(
      op,
      `"${term}" names ${letters} axes, operand ${operand} is ${showShape(shape)}`,
      'name every axis by a letter, or several by "..."',
    );
  return parts.flatMap((part) => (part === "..." ? anyAxes(rest) : [part]));
}

/** The lengths by name: equal wherever a name stands, or 1 where it is to stretch. @throws ShapeError. */
function lengthsOf(operands: readonly Names[], shapes: readonly Shape[]): Map<string, number> {
  const lengths = new Map<string, number>();
  for (const [operand, names] of operands.entries())
    for (const [axis, name] of names.entries()) {
      const length = at(at(shapes, operand), axis);
      const known = lengths.get(name) ?? 1;
      const first = names.indexOf(name);
      if ((known !== 1 && length !== 1 && known !== length) || at(at(shapes, operand), first) !== length)
        throw new ShapeError(
          op,
          `subscript "${name.startsWith(".") ? "..." : name}" is ${first < axis ? at(at(shapes, operand), first) : known} and, in operand ${operand} ${showShape(at(shapes, operand))}, ${length}`,
          "make the axes equal, or one of them 1",
        );
      lengths.set(name, known === 1 ? length : known);
    }
  return lengths;
}

/** What "->" leaves out: the axes of "...", then the letters that stand once, in alphabetical order. */
function implicitOutput(operands: readonly Names[], any: Names): Names {
  const all = operands.flat().filter((name) => !name.startsWith("."));
  return [...any, ...all.filter((name) => all.indexOf(name) === all.lastIndexOf(name)).toSorted()];
}

function explicitOutput(term: string, any: Names, known: ReadonlySet<string>): Names {
  const output = symbols(term).flatMap((part) => (part === "..." ? any : [part]));
  for (const [axis, name] of output.entries()) {
    if (output.indexOf(name) < axis)
      throw new AttributeError(op, `subscript "${name}" stands twice in the result "${term}"`, "name each axis once");
    if (!known.has(name))
      throw new AttributeError(op, `subscript "${name}" of the result is in no operand`, "take it away");
  }
  return output;
}

/** Reads an equation such as "bij,bjk->bik" for operands of these shapes. @throws AttributeError, ShapeError. */
export function readEquation(equation: string, shapes: readonly Shape[]): Equation {
  const [left = "", right, ...more] = equation.replaceAll(" ", "").split("->");
  if (more.length > 0) throw new AttributeError(op, `"${equation}" has "->" twice`, "use it once");
  const terms = left.split(",");
  if (terms.length !== shapes.length)
    throw new AttributeError(
      op,
      `"${equation}" is of ${terms.length} operands, ${shapes.length} are given`,
      "give one tensor for each term",
    );
  const operands = terms.map((term, operand) => namesOf(term, at(shapes, operand), operand));
  const lengths = lengthsOf(operands, shapes);
  const any = anyAxes([...lengths.keys()].filter((name) => name.startsWith(".")).length);
  const output =
    right === undefined ? implicitOutput(operands, any) : explicitOutput(right, any, new Set(lengths.keys()));
  return { operands, output, lengths };
}
