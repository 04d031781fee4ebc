// Errors of ops name the op, the shapes, the attribute, and what to do; nothing has run when they are thrown.
import { beforeAll, describe, expect, it } from "vitest";
import {
  AttributeError,
  DTypeError,
  ShapeError,
  StriaError,
  type Tensor,
  add,
  argMax,
  avgPool,
  batchNormTraining,
  broadcastTo,
  cast,
  concat,
  conv,
  convTranspose,
  flip,
  fold,
  full,
  iota,
  matmul,
  maxPool,
  pad,
  reshape,
  slice,
  softmax,
  softmaxCrossEntropy,
  sqrt,
  sum,
  tensor,
  transpose,
  useBackend,
  where,
  zeros,
  logicalAnd,
  exp,
  compile,
} from "../../src/index.ts";
import { reference } from "../../src/reference/index.ts";

beforeAll(() => useBackend(reference()));

const image = (): Tensor => zeros([2, 4, 8, 8]);
const cases: [string, () => unknown, new (...args: never[]) => StriaError, RegExp][] = [
  [
    "broadcasting",
    () => add(zeros([2, 3]), zeros([4])),
    ShapeError,
    /^add: shapes \[2, 3\] and \[4\] do not broadcast: axis -1 is 3 in one and 4 in the other\. Remedy: .*reshape/,
  ],
  [
    "dtypes that differ",
    () => add(zeros([2]), zeros([2], "int32")),
    DTypeError,
    /^add: operands are float32 and int32.*cast/,
  ],
  [
    "a dtype that an op does not take",
    () => sqrt(zeros([2], "int32")),
    DTypeError,
    /^sqrt: it does not take int32\. Remedy: cast to float32 first/,
  ],
  ["conditions only", () => logicalAnd(zeros([2]), zeros([2])), DTypeError, /^logicalAnd: it does not take float32/],
  ["a condition that is none", () => where(zeros([2]), zeros([2]), 1), DTypeError, /^where: it does not take float32/],
  [
    "an axis that is not there",
    () => sum(zeros([2, 3]), 2),
    ShapeError,
    /^sum: axis 2 is not an axis of a tensor of rank 2\. Remedy: use -2 to 1/,
  ],
  ["an axis twice", () => sum(zeros([2, 3]), [0, -2]), ShapeError, /^sum: axes \[0, 0\] name an axis twice/],
  ["an axis of a scalar", () => softmax(zeros([])), ShapeError, /a scalar has no axes/],
  ["argMax out of range", () => argMax(zeros([2]), 1), ShapeError, /^argMax: axis 1/],
  ["flip out of range", () => flip(zeros([2]), 3), ShapeError, /^flip: axis 3/],
  ["reshape", () => reshape(zeros([2, 3]), [4, -1]), ShapeError, /^reshape: /],
  [
    "reshape to another size",
    () => reshape(zeros([2, 3]), [7]),
    ShapeError,
    /^reshape: \[2, 3\] has 6 elements, \[7\] has 7/,
  ],
  [
    "transpose",
    () => transpose(zeros([2, 3]), [0, 0]),
    ShapeError,
    /^transpose: \[0, 0\] is no permutation of the axes of \[2, 3\]/,
  ],
  ["broadcastTo", () => broadcastTo(zeros([3]), [2]), ShapeError, /^broadcastTo: /],
  [
    "broadcastTo what is smaller",
    () => broadcastTo(zeros([2, 3]), [3]),
    ShapeError,
    /^broadcastTo: \[2, 3\] does not stretch to \[3\]/,
  ],
  [
    "negative padding",
    () => pad(zeros([2]), [[-1, 0]]),
    AttributeError,
    /^pad: padding \[-1, 0\] is not two whole numbers >= 0\. Remedy: use slice/,
  ],
  [
    "padding of too few axes",
    () => pad(zeros([2, 2]), [[1, 1]]),
    AttributeError,
    /^pad: padding has 1 pairs for 2 axes/,
  ],
  [
    "slice beyond the end",
    () => slice(zeros([4]), [1], [2], [3]),
    AttributeError,
    /^slice: axis 0 would read element 4 of \[4\]/,
  ],
  [
    "concat",
    () => concat([zeros([2, 3]), zeros([3, 3])], 1),
    ShapeError,
    /^concat: \[2, 3\] and \[3, 3\] differ in an axis other than 1/,
  ],
  ["concat of nothing", () => concat([], 0), StriaError, /^concat: /],
  ["too many axes", () => zeros([1, 1, 1, 1, 1, 1, 1, 1, 1]), ShapeError, /^full: rank 9 is more than 8/],
  ["a negative length", () => full([-1], 0), ShapeError, /^full: shape \[-1\]/],
  ["iota of floats only", () => iota([2], 0, "bool"), DTypeError, /^iota: it does not take bool/],
  [
    "a dtype that is none",
    () => cast(zeros([1]), "float64" as never),
    DTypeError,
    /^cast: there is no dtype "float64"/,
  ],
  [
    "matmul",
    () => matmul(zeros([2, 3]), zeros([4, 5])),
    ShapeError,
    /^matmul: inner lengths differ: \[2, 3\] has 3 columns, \[4, 5\] has 4 rows/,
  ],
  [
    "matmul, transposed",
    () => matmul(zeros([2, 3]), zeros([3, 5]), { transposeB: true }),
    ShapeError,
    /\[3, 5\] transposed has 5 rows/,
  ],
  [
    "matmul of batches",
    () => matmul(zeros([2, 2, 3]), zeros([3, 3, 2])),
    ShapeError,
    /^matmul: shapes \[2\] and \[3\] do not broadcast/,
  ],
  [
    "conv: channels",
    () => conv(image(), zeros([6, 3, 3, 3])),
    ShapeError,
    /^conv: the input has 4 channels, the weight \[6, 3, 3, 3\] with groups 1 wants 3/,
  ],
  [
    "conv: groups",
    () => conv(image(), zeros([6, 1, 3, 3]), { groups: 4 }),
    AttributeError,
    /^conv: 6 output channels do not divide into 4 groups/,
  ],
  [
    "conv: rank",
    () => conv(image(), zeros([6, 4, 3])),
    ShapeError,
    /^conv: the input \[2, 4, 8, 8\] and the weight \[6, 4, 3\] differ in rank/,
  ],
  [
    "conv: no batch axis",
    () => conv(zeros([4, 8]), zeros([6, 4])),
    ShapeError,
    /^conv: the input is \[4, 8\].*reshape can add the batch axis/,
  ],
  [
    "conv: kernel too large",
    () => conv(image(), zeros([6, 4, 3, 3]), { dilation: 4 }),
    ShapeError,
    /^conv: a kernel of 3 with dilation 4 does not fit spatial axis 0 of length 8 with padding \[0, 0\]/,
  ],
  [
    "conv: stride",
    () => conv(image(), zeros([6, 4, 3, 3]), { stride: 0 }),
    AttributeError,
    /^conv: stride \[0, 0\] has an entry below 1/,
  ],
  [
    "conv: stride per axis",
    () => conv(image(), zeros([6, 4, 3, 3]), { stride: [1, 1, 1] }),
    AttributeError,
    /^conv: stride has 3 entries for 2 axes/,
  ],
  [
    "conv: padding",
    () =>
      conv(image(), zeros([6, 4, 3, 3]), {
        padding: [
          [0, 0],
          [-1, 0],
        ],
      }),
    AttributeError,
    /^conv: padding .*below 0/,
  ],
  [
    "conv: padding in words",
    () => conv(image(), zeros([6, 4, 3, 3]), { padding: "full" as never }),
    AttributeError,
    /^conv: there is no padding "full"/,
  ],
  [
    "conv: same with stride",
    () => conv(image(), zeros([6, 4, 3, 3]), { padding: "same", stride: 2 }),
    AttributeError,
    /keeps the size only at stride 1/,
  ],
  [
    "conv: bias",
    () => conv(image(), zeros([6, 4, 3, 3]), { bias: zeros([4]) }),
    ShapeError,
    /^conv: the bias is \[4\], the output has 6 channels/,
  ],
  [
    "convTranspose: output padding",
    () => convTranspose(image(), zeros([4, 2, 3, 3]), { outputPadding: 1 }),
    AttributeError,
    /^convTranspose: outputPadding 1 of axis 0 is not below stride 1 or dilation 1/,
  ],
  [
    "convTranspose: padding",
    () => convTranspose(zeros([1, 1, 1]), zeros([1, 1, 2]), { padding: 1 }),
    ShapeError,
    /^convTranspose: spatial axis 0 of length 1 with padding \[1, 1\] leaves an output of 0/,
  ],
  [
    "maxPool: padding",
    () => maxPool(image(), 2, { padding: 2 }),
    AttributeError,
    /^maxPool: padding \[2, 2\] of spatial axis 0 lets a window of 2 see padding only/,
  ],
  [
    "maxPool: padding between the elements of a dilated window",
    () => maxPool(zeros([1, 1, 2]), 2, { dilation: 3, padding: 2, stride: 1 }),
    AttributeError,
    /see padding only/,
  ],
  ["avgPool: divisor", () => avgPool(image(), 2, { divisor: 0 }), AttributeError, /^avgPool: divisor is 0/],
  [
    "fold",
    () => fold(zeros([1, 5, 4]), { outputSize: [3, 3], kernel: 2 }),
    ShapeError,
    /^fold: columns are \[1, 5, 4\], these windows want \[N, C \* 4, 4\]/,
  ],
  [
    "batch norm",
    () => batchNormTraining(image(), zeros([3]), zeros([4])),
    ShapeError,
    /a parameter is \[3\], the input \[2, 4, 8, 8\].*each of the 4 channels/s,
  ],
  [
    "cross-entropy: labels",
    () => softmaxCrossEntropy(zeros([2, 3]), zeros([2])),
    DTypeError,
    /^softmaxCrossEntropy: labels are float32/,
  ],
  [
    "cross-entropy: shapes",
    () => softmaxCrossEntropy(zeros([2, 3]), zeros([3], "int32")),
    ShapeError,
    /logits float32\[2, 3\] and labels int32\[3\] do not fit/,
  ],
  ["ragged arrays", () => tensor([[1, 2], [3]]), ShapeError, /ragged: 1 entries where axis 1 of \[2, 2\] has 2/],
  ["arrays of different depth", () => tensor([[1, 2], 3]), ShapeError, /not equally deep/],
  [
    "data that do not fill the shape",
    () => tensor([1, 2, 3], { shape: [2] }),
    ShapeError,
    /3 elements do not fill shape \[2\]/,
  ],
  [
    "a typed array of another dtype",
    () => tensor(new Float32Array(1), { dtype: "int32" }),
    DTypeError,
    /a Float32Array does not hold int32/,
  ],
  [
    "no tensor",
    () => exp(3 as never),
    StriaError,
    /^exp: expected a tensor, got number\. Remedy: make one with tensor/,
  ],
];

describe.each(cases)("%s", (_, f, type, message) => {
  it("eagerly", () => {
    expect(f).toThrow(type);
    expect(f).toThrow(message);
  });
  it("in a trace", () => expect(() => compile(() => [f()]).graph()).toThrow(message));
});
