import { describe, expect, test } from "vitest";
import { brokenRules, findCycle } from "../src/dependency-rules.ts";

const version = "0.1.0";
const core = { name: "@stria/core", version };
const onCore = { peerDependencies: { "@stria/core": "workspace:^" } };

describe("findCycle", () => {
  test("finds none in a diamond", () => {
    const a = { name: "a", version, dependencies: { b: "*", c: "*" } };
    const b = { name: "b", version, dependencies: { d: "*" } };
    const c = { name: "c", version, dependencies: { d: "*" } };
    expect(findCycle([a, b, c, { name: "d", version }])).toBeUndefined();
  });

  test("names the packages along a cycle that only a devDependency closes", () => {
    const a = { name: "a", version, dependencies: { b: "*" } };
    const b = { name: "b", version, dependencies: { c: "*" } };
    const c = { name: "c", version, devDependencies: { b: "*" } };
    expect(findCycle([a, b, c])).toEqual(["b", "c", "b"]);
  });
});

describe("brokenRules", () => {
  test("accepts one core for all, and a backend that needs another package of ours", () => {
    const onnx = { name: "@stria/onnx", version, dependencies: { "@bufbuild/protobuf": "2.0.0" }, ...onCore };
    const backend = { name: "@stria/backend-x", version, dependencies: { "@stria/onnx": "workspace:^" }, ...onCore };
    expect(brokenRules([core, onnx, backend])).toEqual([]);
  });

  test.each([
    ["second copy", { name: "@stria/x", version, dependencies: { "@stria/core": "workspace:^" }, ...onCore }],
    ["must have @stria/core as a peer", { name: "@stria/x", version }],
    ["would install left-pad", { name: "@stria/x", version, dependencies: { "left-pad": "1.0.0" }, ...onCore }],
    ["mentions @stria/tests", { name: "@stria/x", version, devDependencies: { "@stria/tests": "*" }, ...onCore }],
    [
      "depends on another one",
      { name: "@stria/backend-x", version, devDependencies: { "@stria/backend-y": "*" }, ...onCore },
    ],
  ])("says what is wrong: %s", (message, manifest) => {
    const tests = { name: "@stria/tests", version, private: true };
    const broken = brokenRules([core, tests, manifest]);
    expect(broken).toHaveLength(1);
    expect(broken[0]).toContain(message);
  });
});
