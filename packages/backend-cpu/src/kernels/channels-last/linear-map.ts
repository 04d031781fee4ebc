// Turns a small constant matrix into additions and multiplications: what rows or columns have in common but for signs is computed once.
import { at } from "@stria/core";
import type { FunctionBuilder, Local } from "../../wasm/function.ts";
import type { Matrix } from "./winograd-matrices.ts";

/** Numbered values: first the inputs, then what each step makes. */
export type LinearStep =
  | { readonly kind: "scale"; readonly factor: number; readonly of: number }
  /** base + factor * of */
  | { readonly kind: "add"; readonly base: number; readonly factor: number; readonly of: number };

export interface LinearPlan {
  readonly inputs: number;
  readonly steps: readonly LinearStep[];
  /** The value of each row. */
  readonly rows: readonly number[];
}

/** A row: factors of values. */
type Form = readonly (readonly [value: number, factor: number])[];

/** Equal numbers are to be found equal, although they come from roots and quotients. */
function rounded(factor: number): number {
  const nearest = Math.round(factor * 2 ** 20) / 2 ** 20;
  return Math.abs(nearest - factor) < 1e-12 ? nearest : factor;
}

function same(a: number, b: number): boolean {
  return Math.abs(a - b) < 1e-12;
}

class Planner {
  readonly steps: LinearStep[] = [];
  readonly #inputs: number;
  readonly #known = new Map<string, number>();

  constructor(inputs: number) {
    this.#inputs = inputs;
  }

  add(base: number, factor: number, of: number): number {
    return this.#step({ kind: "add", base, factor: rounded(factor), of });
  }

  scale(factor: number, of: number): number {
    return same(factor, 1) ? of : this.#step({ kind: "scale", factor: rounded(factor), of });
  }

  /** The form, divided by the factor that comes with it: that of the first value with factor 1, or else of the first. */
  divided(form: Form): { value: number; factor: number } {
    const lead = form.find(([, factor]) => same(factor, 1)) ?? at(form, 0);
    const value = form
      .filter((term) => term !== lead)
      .reduce((sum, [term, factor]) => this.add(sum, factor / lead[1], term), lead[0]);
    return { value, factor: lead[1] };
  }

  form(form: Form): number {
    const { value, factor } = this.divided(form);
    return this.scale(factor, value);
  }

  #step(step: LinearStep): number {
    const key = JSON.stringify(step);
    let value = this.#known.get(key);
    if (value === undefined) {
      value = this.#inputs + this.steps.push(step) - 1;
      this.#known.set(key, value);
    }
    return value;
  }
}

/** Whether two lists agree but for signs, with some signs equal and some not. */
function mirrored(a: readonly number[], b: readonly number[]): boolean {
  const used = a.flatMap((value, index) => (same(value, 0) ? [] : [same(value, at(b, index))]));
  return a.every((value, index) => same(Math.abs(value), Math.abs(at(b, index)))) && new Set(used).size === 2;
}

function pairs(lists: Matrix): (readonly [number, number])[] {
  const taken = new Set<number>();
  return lists.flatMap((list, first) => {
    if (taken.has(first)) return [];
    const second = lists.findIndex((other, index) => index > first && !taken.has(index) && mirrored(list, other));
    if (second < 0) return [];
    taken.add(first).add(second);
    return [[first, second] as const];
  });
}

/**
 * Plans the product of a matrix and a vector. No row may be empty. Two columns that differ in signs alone are replaced by the sum and the difference
 * of their inputs; two rows that do are made as the sum and the difference of their even and their odd part.
 */
export function planLinearMap(matrix: Matrix): LinearPlan {
  const inputs = at(matrix, 0).length;
  const planner = new Planner(inputs);
  const columns = Array.from({ length: inputs }, (_, column) => matrix.map((row) => at(row, column)));
  const forms: [value: number, factor: number][][] = matrix.map((row) =>
    row.flatMap((factor, value) => (same(factor, 0) ? [] : [[value, factor] as [number, number]])),
  );
  const columnPairs = pairs(columns);
  for (const [first, second] of columnPairs) {
    const sum = planner.add(first, 1, second);
    const difference = planner.add(first, -1, second);
    matrix.forEach((row, index) => {
      const factor = at(row, first);
      if (same(factor, 0)) return;
      const others = at(forms, index).filter(([value]) => value !== first && value !== second);
      forms[index] = [...others, [same(factor, at(row, second)) ? sum : difference, factor]];
    });
  }
  const rows = forms.map(() => -1);
  for (const [first, second] of columnPairs.length > 0 ? [] : pairs(matrix)) {
    const even = at(forms, first).filter(([value]) =>
      same(at(at(matrix, first), value), at(at(matrix, second), value)),
    );
    const odd = at(forms, first).filter((term) => !even.includes(term));
    const [evenPart, oddPart] = [planner.divided(even), planner.divided(odd)];
    const base = planner.scale(evenPart.factor, evenPart.value);
    rows[first] = planner.add(base, oddPart.factor, oddPart.value);
    rows[second] = planner.add(base, -oddPart.factor, oddPart.value);
  }
  return {
    inputs,
    rows: rows.map((value, index) => (value < 0 ? planner.form(at(forms, index)) : value)),
    steps: planner.steps,
  };
}

/** Emits a plan, again and again, within one function. */
export class LinearEmitter {
  readonly plan: LinearPlan;
  /** Locals of the inputs, to be set before a run. */
  readonly inputs: readonly Local[];
  readonly #f: FunctionBuilder;
  readonly #fused: boolean;
  readonly #values: readonly Local[];
  readonly #constants = new Map<number, Local>();

  /** Emits the constants: inside loops they are at hand. */
  constructor(f: FunctionBuilder, plan: LinearPlan, fused: boolean) {
    this.#f = f;
    this.plan = plan;
    this.#fused = fused;
    this.inputs = Array.from({ length: plan.inputs }, () => f.local("v128"));
    this.#values = plan.steps.map(() => f.local("v128"));
    for (const { factor } of plan.steps) {
      if (Math.abs(factor) === 1 || this.#constants.has(factor)) continue;
      const local = f.local("v128");
      f.f32(factor).op("f32x4.splat").set(local);
      this.#constants.set(factor, local);
    }
  }

  /** Emits the steps from the inputs, and a store of every row as soon as it is there; `push` leaves its value on the stack. */
  run(store: (row: number, push: () => void) => void): void {
    const { plan } = this;
    const made = new Set<number>();
    const make = (value: number): void => {
      if (value < plan.inputs || made.has(value)) return;
      made.add(value);
      const step = at(plan.steps, value - plan.inputs);
      if (step.kind === "add") make(step.base);
      make(step.of);
      this.#step(step);
      this.#f.set(at(this.#values, value - plan.inputs));
    };
    plan.rows.forEach((value, row) => {
      make(value);
      store(row, () => this.#f.get(this.#local(value)));
    });
  }

  #local(value: number): Local {
    const { inputs } = this.plan;
    return value < inputs ? at(this.inputs, value) : at(this.#values, value - inputs);
  }

  #step(step: LinearStep): void {
    const f = this.#f;
    const of = this.#local(step.of);
    const constant = this.#constants.get(step.factor);
    if (step.kind === "scale") {
      if (constant === undefined) f.get(of).op("f32x4.neg");
      else f.get(of).get(constant).op("f32x4.mul");
      return;
    }
    const base = this.#local(step.base);
    if (constant === undefined)
      f.get(base)
        .get(of)
        .op(step.factor > 0 ? "f32x4.add" : "f32x4.sub");
    else if (this.#fused) f.get(of).get(constant).get(base).op("f32x4.relaxed_madd");
    else f.get(base).get(of).get(constant).op("f32x4.mul", "f32x4.add");
  }
}
