import { describe, expect, test } from "vitest";
import { ListFault } from "../src/list/fault.ts";
import { layerSpecs } from "../src/list/layers.ts";
import { longestText, mostEntries, parseList, usage } from "../src/list/parse.ts";
import { presets } from "../src/list/presets.ts";

const read = (text: string): unknown[] => parseList(text).map((entry) => [entry.name, entry.arguments]);

function faultOf(text: string): ListFault {
  try {
    parseList(text);
  } catch (error) {
    if (error instanceof ListFault) return error;
    throw error;
  }
  throw new Error("no fault");
}

describe("a list", () => {
  test("is read the same with names, in braces, in brackets, with and without commas", () => {
    const conv = ["conv2d", { outChannels: 6, kernel: 5, padding: 2, activation: "tanh" }];
    const rest = [
      ["flatten", {}],
      ["dense", { outFeatures: 10 }],
    ];
    const lists = [
      'conv2d(6, 5, padding=2, activation="tanh")\nflatten()\ndense(10)',
      "conv2d(6, 5, { padding: 2, activation: 'tanh' }), flatten(), dense(10),",
      'sequential([conv2d(6, 5, { padding: 2, activation: "tanh" }), flatten(), dense(10)], { inputShape: [1, 28, 28] });',
      '[conv2d(kernel=5, outChannels=6, padding=2, activation="tanh"), # comment\n flatten(), // another\n dense(10)]',
    ];
    for (const list of lists) expect(read(list)).toEqual([conv, ...rest]);
  });

  test("knows pairs, tuples, truth values and fractions", () => {
    expect(read("conv2d(8, (3, 5), padding=[1, 2], bias=False) dropout(.25) leakyRelu(1e-2)")).toEqual([
      ["conv2d", { outChannels: 8, kernel: [3, 5], padding: [1, 2], bias: false }],
      ["dropout", { probability: 0.25 }],
      ["leakyRelu", { slope: 0.01 }],
    ]);
  });

  test("holds lists inside", () => {
    const [entry] = parseList("residual([conv2d(6, 3, padding=1), relu()], activation='relu')");
    expect(entry?.arguments["activation"]).toBe("relu");
    expect(entry?.arguments["layers"]).toMatchObject([{ name: "conv2d" }, { name: "relu" }]);
    const [branched] = parseList("concatenated([[relu()], [tanh(), relu()]])");
    expect(branched?.arguments["branches"]).toMatchObject([[{ name: "relu" }], [{ name: "tanh" }, { name: "relu" }]]);
  });

  test("remembers where its layers stand", () => {
    const [, second] = parseList("flatten()\n\n# here\ndense(  10 )");
    expect(second).toMatchObject({ line: 4, text: "dense( 10 )" });
  });

  test.each(presets)("of the presets is read: $name", ({ text }) => {
    expect(parseList(text).at(-1)).toMatchObject({ name: "dense", arguments: { outFeatures: 10 } });
  });
});

describe("a fault", () => {
  test.each([
    ["flatten()\ndens(10)", "there is no layer dens; did you mean dense?", 2, 2],
    ["Conv2D(6, 5)", "there is no layer Conv2D; did you mean conv2d?", 1, 1],
    ["MaxPooling2D(2)", "there is no layer MaxPooling2D; did you mean maxPool2d?", 1, 1],
    ["batch_norm2d()", "there is no layer batch_norm2d; did you mean batchNorm2d?", 1, 1],
    ["transformer(8)", "there is no layer transformer", 1, 1],
    ["flatten", "flatten needs its brackets: flatten()", 1, 1],
    ["flatten()\n\ndense()", "dense needs outFeatures: dense(outFeatures, bias=, activation=)", 3, 2],
    ["conv2d(6)", "conv2d needs kernel", 1, 1],
    ["conv2d(6, 5, size=2)", "conv2d has no size: conv2d(outChannels, kernel, stride=", 1, 1],
    ["relu(1)", "relu takes no more than this: relu()", 1, 1],
    ["dense(10, outFeatures=3)", "outFeatures is given twice", 1, 1],
    ["dense(-3)", "outFeatures of dense must be a whole number from 1 to 4096, not -3", 1, 1],
    ["dense(2.5)", "outFeatures of dense must be a whole number from 1 to 4096, not 2.5", 1, 1],
    ["dense(1e9)", "outFeatures of dense must be a whole number from 1 to 4096, not 1e9", 1, 1],
    ["dropout(1)", "probability of dropout must be a number from 0 to below 1, not 1", 1, 1],
    ['dense(10, activation="rely")', 'activation of dense must be one of "identity", "relu"', 1, 1],
    ["dense(10, activation=relu)", "relu is no value", 1, 1],
    ["conv2d(6, 5, padding=[1, 2, 3])", "padding of conv2d must be a whole number from 0, two of them", 1, 1],
    ["conv2d(6, 5, bias=0)", "bias of conv2d must be true or false, not 0", 1, 1],
    ["concatenated([relu()])", "branches of concatenated must be lists of layers, [[conv2d(8, 1)]", 1, 1],
    ["spatialPyramidPool2d([])", "levels of spatialPyramidPool2d must be a list of whole numbers from 1", 1, 1],
    ["residual(3)", "layers of residual must be a list of layers", 1, 1],
    ["flatten() residual([relu(), dens(3)])", "there is no layer dens", 1, 2],
    ["dense(10", "a comma or ) is missing before the end", 1, 1],
    ["flatten(", ") is missing to close flatten(, before the end", 1, 1],
    ["dense(10 20)", "a comma or ) is missing before 20", 1, 1],
    ["dense(,)", "a value is missing, and here is ,", 1, 1],
    ["conv2d(6, [5", "] is missing", 1, 1],
    ["conv2d(6, 5, { padding: 2 )", "} is missing", 1, 1],
    ["flatten()\n)", "a layer begins with its name, and here is )", 2, 2],
    ['dense(10, activation=")', "this string has no closing quote", 1, undefined],
    ['")"', "a layer begins with its name, and here is )", 1, 1],
    ["[flatten()] dense(10)", "nothing may follow the list, and here is dense", 1, undefined],
    ["[flatten(), dense(10)", "] is missing to close the list, before the end", 1, undefined],
    ["flatten() & dense(10)", '"&" means nothing here', 1, undefined],
    ["", "the list is empty", 1, undefined],
    ["# nothing yet\n", "the list is empty", 2, undefined],
    ["conv2d(6, 5).constructor", '"." means nothing here', 1, undefined],
    ["constructor()", "there is no layer constructor", 1, 1],
    ["dense(10, __proto__=1)", "dense has no __proto__", 1, 1],
    ["dense(10, constructor=1)", "dense has no constructor", 1, 1],
  ])("%j: %s", (text, message, line, entry) => {
    const fault = faultOf(text);
    expect(fault.message).toContain(message);
    expect([fault.span.line, fault.entry]).toEqual([line, entry]);
  });

  test("spans what is wrong", () => {
    const text = "flatten()\ndense(10, activation='x')";
    const { start, end } = faultOf(text).span;
    expect(text.slice(start, end)).toBe("'x'");
  });

  test("is found in what is too long and too deep", () => {
    expect(faultOf("x".repeat(longestText + 1)).message).toContain("longer than");
    expect(faultOf("relu() ".repeat(mostEntries + 1)).message).toBe(`a list may have ${mostEntries} layers`);
    expect(faultOf(`${"residual([".repeat(9)}relu()${"])".repeat(9)}`).message).toContain("4 deep");
    expect(faultOf(`conv2d(6, ${"[".repeat(5000)}`).message).toContain("4 deep");
  });
});

test("how a layer is used is said from its table", () => {
  expect(usage("groupNorm", layerSpecs.groupNorm)).toBe("groupNorm(groups, epsilon=)");
});
