// An own WGSL program, and how TF.js's runWebGPUProgram wants it described. It is run through TF.js so that its dispatches and ours share
// one command encoder, one compute pass and one pool of buffers.
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";

export interface Program {
  /** Names the pipeline: must say everything that is baked into `code`. */
  readonly key: string;
  /** Names of the read-only arrays. Their elements are f32 or i32 as the tensor is stored. */
  readonly inputs: readonly string[];
  /** Fields of `uniforms`, each a scalar, vec2, vec3 or vec4 of `i32` or `f32`. */
  readonly uniforms: readonly (readonly [name: string, type: UniformType])[];
  /**
   * Functions, and the statements of `main(index: i32)`, for 0 <= index < threads; they write to the array `result`. At hand are
   * `uniforms`, `uniforms.NAN`, `uniforms.INFINITY` (WGSL has no literals of them) and `isnan`, which looks at the bits.
   */
  readonly functions?: string;
  /** Elements of `result` that one thread writes at once, and of each input that it reads at once: 1 or 4. Default 1. */
  readonly components?: { readonly result: 1 | 4; readonly inputs: readonly (1 | 4)[] };
  readonly main: string;
}

export type UniformType = "i32" | "vec2<i32>" | "vec3<i32>" | "vec4<i32>" | "f32" | "vec4<f32>";

const workgroup = 64;

type TfjsRun = WebGPUBackend["runWebGPUProgram"];
type TfjsProgram = Parameters<TfjsRun>[0];
type TfjsUniforms = NonNullable<Parameters<TfjsRun>[3]>;

export function tfjsProgram(
  program: Program,
  threads: number,
  uniforms: readonly (readonly number[])[],
): [TfjsProgram, TfjsUniforms] {
  const description: TfjsProgram = {
    variableNames: [...program.inputs],
    // `size` makes TF.js pass the product of this shape as uniforms.size.
    outputShape: [threads * (program.components?.result ?? 1)],
    ...(program.components && {
      outputComponent: program.components.result,
      variableComponents: [...program.components.inputs],
    }),
    size: true,
    workgroupSize: [workgroup, 1, 1],
    dispatchLayout: { x: [0] },
    dispatch: [Math.ceil(threads / workgroup), 1, 1],
    shaderKey: `stria ${program.key}`,
    uniforms: program.uniforms.map(([name, type]) => `${name} : ${type}, `).join(""),
    getUserCode: () => `${program.functions ?? ""}
      fn main(index : i32) {
        if (index >= uniforms.size) { return; }
        ${program.main}
      }`,
  };
  const values = program.uniforms.map(([name, type], position) => {
    const data = uniforms[position];
    if (!data) throw new RangeError(`program ${program.key}: uniform ${name} has no value`);
    return { type: type === "f32" || type === "vec4<f32>" ? "float32" : "int32", data: [...data] };
  });
  return [description, values];
}
