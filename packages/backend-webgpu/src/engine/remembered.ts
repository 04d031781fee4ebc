// Texts of programs, made once. Their number is bounded: shapes are uniforms, so that a key holds only types, ranks and variants.
import type { Program } from "../program.ts";

const programs = /* @__PURE__ */ new Map<string, Program>();

export function remembered(key: string, make: () => Program): Program {
  let program = programs.get(key);
  if (!program) {
    program = make();
    programs.set(key, program);
  }
  return program;
}
