// Wraps written nodes in an ONNX model: what is outside the graph, and the types of what goes in and out.
import { create, toBinary } from "@bufbuild/protobuf";
import {
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "./schema/onnx_pb.ts";
import { dataTypes, type ElementType } from "./writer.ts";

/** Version of ONNX's operator set that is written: the first with Col2Im and with axes of all reductions as inputs, read by every runtime since 2023. */
const opset = 18;

/** Version of the file format that came with operator set 18. */
const irVersion = 8;

export interface ModelValue {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
}

export interface ModelParts {
  readonly name: string;
  readonly nodes: NodeProto[];
  readonly initializers: TensorProto[];
  readonly inputs: readonly ModelValue[];
  readonly outputs: readonly ModelValue[];
  readonly metadata: Readonly<Record<string, string>>;
}

function valueInfo({ name, type, shape }: ModelValue): ValueInfoProto {
  const dim = shape.map((length) => ({ value: { case: "dimValue" as const, value: BigInt(length) } }));
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: "tensorType", value: { elemType: dataTypes[type], shape: { dim } } } },
  });
}

export function assemble({ name, nodes, initializers, inputs, outputs, metadata }: ModelParts): ModelProto {
  return create(ModelProtoSchema, {
    irVersion: BigInt(irVersion),
    opsetImport: [{ domain: "", version: BigInt(opset) }],
    producerName: "stria",
    graph: {
      name,
      node: nodes,
      initializer: initializers,
      input: inputs.map(valueInfo),
      output: outputs.map(valueInfo),
    },
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  });
}

export function encode(model: ModelProto): Uint8Array<ArrayBuffer> {
  return toBinary(ModelProtoSchema, model);
}
