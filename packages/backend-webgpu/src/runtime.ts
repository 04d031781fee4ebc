// The device as kernels see it: allocate, upload, download, free, and run a WGSL program or a kernel of TF.js.
import { type Aval, BackendError, type TypedArray, showAval, sizeOf } from "@stria/core";
import type { NamedAttrMap, TensorInfo } from "@tensorflow/tfjs-core";
import { Faults } from "./faults.ts";
import { type Program, tfjsProgram } from "./program.ts";
import { type DeviceTensor, storageType } from "./tensor.ts";
import type { Tfjs } from "./tfjs.ts";

/** Every element takes four bytes on the device, whatever its type. */
const elementBytes = 4;

export class Runtime {
  readonly device: GPUDevice;
  readonly faults: Faults = new Faults();
  readonly #tfjs: Tfjs;

  constructor(device: GPUDevice, tfjs: Tfjs) {
    this.device = device;
    this.#tfjs = tfjs;
    device.addEventListener("uncapturederror", (event) => {
      // It is not lost: whoever reads a tensor at fault gets it.
      event.preventDefault();
      this.faults.report(
        new BackendError(
          "webgpu",
          `the device reported: ${event.error.message} (${this.pool().used} bytes are live in ${this.pool().usedBuffers} buffers)`,
          "report this, or use smaller shapes if it is out of memory",
        ),
      );
    });
  }

  /** A tensor whose content is not defined yet. @throws BackendError where it is larger than the device allows. */
  allocate(aval: Aval, sources: readonly DeviceTensor[] = []): DeviceTensor {
    this.#checkSize(aval);
    const elements = Math.max(1, sizeOf(aval.shape));
    const info = this.#tfjs.backend.makeTensorInfo([elements], storageType(aval.dtype));
    this.#tfjs.backend.uploadToGPU(info.dataId);
    return this.#tensor(aval, info, sources);
  }

  upload(data: TypedArray, aval: Aval): DeviceTensor {
    const tensor = this.allocate(aval);
    const words = data instanceof Float32Array || data instanceof Int32Array ? data : Int32Array.from(data);
    const resource = this.#tfjs.backend.tensorMap.get(tensor.info.dataId).resource;
    // Straight into the buffer: TF.js's own upload makes a staging buffer for each. A buffer that the pool gives out is in no command
    // that still waits to be submitted, so that this cannot overtake one.
    if (resource && "size" in resource)
      this.device.queue.writeBuffer(resource, 0, words.buffer, words.byteOffset, words.byteLength);
    return tensor;
  }

  /** @throws (rejects) BackendError where the device failed while or since the tensor was made, or is lost. */
  async download(tensor: DeviceTensor): Promise<TypedArray> {
    const { shape, dtype } = tensor.aval;
    const length = sizeOf(shape);
    const { now } = this.faults;
    const resource = this.#tfjs.backend.tensorMap.get(tensor.info.dataId).resource;
    if (!resource || !("size" in resource)) throw new BackendError("webgpu", "a tensor has no buffer", "report this");
    let bytes: ArrayBuffer;
    try {
      bytes = await this.#tfjs.backend.getBufferData(resource);
    } catch (error) {
      throw (
        this.faultOf(tensor) ??
        new BackendError("webgpu", `reading failed: ${String(error)}`, "make a new backend: the device is lost", {
          cause: error,
        })
      );
    }
    const fault = this.faultOf(tensor);
    if (fault) throw fault;
    this.faults.verify(now);
    if (dtype === "float32") return new Float32Array(bytes, 0, length);
    const words = new Int32Array(bytes, 0, length);
    if (dtype === "int32") return words;
    return dtype === "float16" ? Uint16Array.from(words) : Uint8Array.from(words);
  }

  free(tensor: DeviceTensor): void {
    this.#tfjs.backend.disposeData(tensor.info.dataId);
  }

  /** The same buffer as another value of as many elements; each of the two is freed on its own. */
  alias(tensor: DeviceTensor, aval: Aval): DeviceTensor {
    this.#tfjs.backend.incRef(tensor.info.dataId);
    return { aval, info: tensor.info, made: tensor.made, fault: tensor.fault };
  }

  faultOf(tensor: DeviceTensor): Error | undefined {
    return tensor.fault ?? this.faults.at(tensor.made);
  }

  /** Enqueues an own WGSL program: `threads` calls of its `main`, which fill `output`. `uniforms` follow the fields that it declares. */
  run(
    program: Program,
    inputs: readonly DeviceTensor[],
    output: DeviceTensor,
    threads: number,
    uniforms: readonly (readonly number[])[],
  ): void {
    if (threads === 0) return;
    // All are given the same shape, which the programs ignore: TF.js would otherwise compile a program once for each relation of shapes.
    const flat = (tensor: DeviceTensor): TensorInfo => ({ ...tensor.info, shape: [1] });
    const [description, values] = tfjsProgram(program, threads, uniforms);
    this.#tfjs.backend.runWebGPUProgram(description, inputs.map(flat), output.info.dtype, values, flat(output));
  }

  /** Calls a kernel of TF.js on tensors seen as of the given shapes. */
  runTfjs(
    name: string,
    inputs: Readonly<Record<string, readonly [DeviceTensor, readonly number[]]>>,
    attrs: NamedAttrMap,
    aval: Aval,
  ): DeviceTensor {
    this.#checkSize(aval);
    const kernel = this.#tfjs.kernel(name);
    if (!kernel)
      throw new BackendError("webgpu", `TF.js has no kernel ${name}`, "install @tensorflow/tfjs-backend-webgpu 4.22.0");
    const named = Object.fromEntries(
      Object.entries(inputs).map(([key, [tensor, shape]]): [string, TensorInfo] => [
        key,
        { ...tensor.info, shape: [...shape] },
      ]),
    );
    const result = kernel.kernelFunc({ inputs: named, attrs, backend: this.#tfjs.backend });
    const info = Array.isArray(result) ? result[0] : result;
    if (!info) throw new BackendError("webgpu", `TF.js's ${name} gave nothing`, "report this");
    return this.#tensor(
      aval,
      { ...info, shape: [sizeOf(aval.shape)] },
      Object.values(inputs).map(([tensor]) => tensor),
    );
  }

  /** Bytes and buffers that TF.js's pool holds, in use or waiting for reuse. */
  pool(): { readonly used: number; readonly allocated: number; readonly usedBuffers: number } {
    const { numBytesUsed, numBytesAllocated } = this.#tfjs.backend.bufferManager;
    return {
      used: numBytesUsed,
      allocated: numBytesAllocated,
      usedBuffers: this.#tfjs.backend.bufferManager.getNumUsedBuffers(),
    };
  }

  dispose(): void {
    this.#tfjs.backend.dispose();
  }

  #checkSize(aval: Aval): void {
    const bytes = sizeOf(aval.shape) * elementBytes;
    const { maxStorageBufferBindingSize, maxBufferSize } = this.device.limits;
    const limit = Math.min(maxStorageBufferBindingSize, maxBufferSize);
    if (bytes > limit)
      throw new BackendError(
        "webgpu",
        `${showAval(aval)} takes ${bytes} bytes on the device, and a buffer holds at most ${limit}`,
        "use a smaller batch or image",
      );
  }

  #tensor(aval: Aval, info: TensorInfo, sources: readonly DeviceTensor[]): DeviceTensor {
    let fault: Error | undefined;
    for (const source of sources) fault ??= this.faultOf(source);
    return { aval, info, made: this.faults.tick(), fault };
  }
}
