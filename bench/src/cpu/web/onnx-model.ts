// A network of whole layers as an ONNX model, with the nodes that other exporters write.
import { at } from "@stria/core";
import { assemble, encode } from "../../../../packages/onnx/src/model.ts";
import { Writer } from "../../../../packages/onnx/src/writer.ts";
import type { PeerGraph, PeerNode, Weights } from "./peer-graph.ts";

type Write = (inputs: readonly string[]) => string;

function padsOf(padding: readonly (readonly [number, number])[]): number[] {
  return [...padding.map(([before]) => before), ...padding.map(([, after]) => after)];
}

function rule(writer: Writer, { layer, shape }: PeerNode): Write {
  const constant = ({ shape: dims, data }: Weights): string => writer.constant("float32", dims, data);
  switch (layer.op) {
    case "conv":
    case "convTranspose": {
      const attributes = {
        kernel_shape: layer.weight.shape.slice(2),
        strides: layer.stride,
        pads: padsOf(layer.padding),
        group: layer.op === "conv" ? layer.groups : 1,
      };
      const given = [constant(layer.weight), ...(layer.bias ? [constant(layer.bias)] : [])];
      return ([x = ""]) => writer.node(layer.op === "conv" ? "Conv" : "ConvTranspose", [x, ...given], attributes);
    }
    case "affine": {
      const channels = layer.scale.data.length;
      const given = [
        constant(layer.scale),
        constant(layer.shift),
        writer.constant("float32", [channels], new Float32Array(channels)),
        writer.constant("float32", [channels], new Float32Array(channels).fill(1)),
      ];
      return ([x = ""]) => writer.node("BatchNormalization", [x, ...given], { epsilon: { float: 0 } });
    }
    case "dense": {
      const given = [constant(layer.weight), ...(layer.bias ? [constant(layer.bias)] : [])];
      return ([x = ""]) => writer.node("Gemm", [x, ...given], { transB: 1 });
    }
    case "maxPool":
    case "avgPool": {
      const attributes = { kernel_shape: layer.kernel, strides: layer.stride, pads: padsOf(layer.padding) };
      if (layer.op === "maxPool") return ([x = ""]) => writer.node("MaxPool", [x], attributes);
      return ([x = ""]) => writer.node("AveragePool", [x], { ...attributes, count_include_pad: 1 });
    }
    case "mean":
      return ([x = ""]) => {
        const pooled = writer.node("GlobalAveragePool", [x]);
        return layer.keepDims ? pooled : writer.node("Flatten", [pooled], { axis: 1 });
      };
    case "clip":
      return ([x = ""]) =>
        writer.node("Clip", [
          x,
          Number.isFinite(layer.low) ? writer.scalar("float32", layer.low) : "",
          Number.isFinite(layer.high) ? writer.scalar("float32", layer.high) : "",
        ]);
    case "slice":
      return ([x = ""]) =>
        writer.node("Slice", [
          x,
          writer.integers(layer.start),
          writer.integers(
            layer.start.map((start, axis) => start + (at(layer.size, axis) - 1) * at(layer.stride, axis) + 1),
          ),
          writer.integers(layer.start.map((_, axis) => axis)),
          writer.integers(layer.stride),
        ]);
    case "pad":
      return ([x = ""]) => writer.node("Pad", [x, writer.integers(padsOf(layer.padding))]);
    case "flatten":
      return ([x = ""]) =>
        shape.length === 2
          ? writer.node("Flatten", [x], { axis: 1 })
          : writer.node("Reshape", [x, writer.integers(shape)]);
    case "softmax":
      return ([x = ""]) => writer.node("Softmax", [x], { axis: 1 });
    case "concat":
      return (inputs) => writer.node("Concat", inputs, { axis: 1 });
    case "relu":
      return (inputs) => writer.node("Relu", inputs);
    case "add":
      return (inputs) => writer.node("Add", inputs);
    case "matmul":
      return (inputs) => writer.node("MatMul", inputs);
  }
}

/** The bytes of the model; its inputs are called input0, input1, ..., its output output. */
export function onnxModelOf(graph: PeerGraph): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  const names = new Map<number, string>();
  const inputs = graph.inputs.map(({ value, shape }, index) => {
    const name = writer.claim(`input${index}`);
    names.set(value, name);
    return { name, type: "float32" as const, shape };
  });
  for (const node of graph.nodes)
    names.set(node.output, rule(writer, node)(node.inputs.map((input) => names.get(input) ?? "")));
  const shape = graph.nodes.at(-1)?.shape ?? [];
  writer.publish(names.get(graph.output) ?? "", writer.claim("output"));
  writer.finish();
  const { nodes, initializers } = writer;
  const outputs = [{ name: "output", type: "float32" as const, shape }];
  return encode(assemble({ name: "peer", nodes, initializers, inputs, outputs, metadata: {} }));
}
