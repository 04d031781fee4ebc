// The backends of this repository pass the kit that others are held to, at its own tolerances. The long tests try more cases on ONNX Runtime.
import { cpu } from "@stria/backend-cpu";
import { onnx } from "@stria/backend-onnx";
import { type BackendFactory, type CheckOptions, checkBackend } from "@stria/backend-testkit";
import { expect, test } from "vitest";

/** Checks that fail today. An entry whose check passes again makes this test fail, so that it is taken out. */
const known: Readonly<Record<string, readonly string[]>> = {};

const backends: Readonly<Record<string, readonly [BackendFactory, CheckOptions]>> = {
  cpu: [() => cpu({ threads: 2, deterministic: true }), {}],
  onnx: [() => onnx({ threads: 1 }), { rounds: 12 }],
};

test.each(Object.entries(backends))("%s conforms", async (name, [factory, options]) => {
  const report = await checkBackend(factory, options);
  const failed = report.checks.filter(({ faults }) => faults.length > 0);
  const nameOf = (check: (typeof failed)[number]): string => `${check.group}: ${check.name}`;
  const expected = known[name] ?? [];
  expect(failed.filter((check) => !expected.includes(nameOf(check)))).toEqual([]);
  expect(failed.map(nameOf)).toEqual(expected);
});
