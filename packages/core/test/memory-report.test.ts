// memoryReport: what is live, by layer or by the program's line; and the warning of growth.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type Backend,
  type Tensor,
  memoryReport,
  scope,
  tensor,
  trackAllocations,
  useBackend,
  zeros,
} from "../src/index.ts";
import { reference } from "../src/reference/index.ts";
import { batch, descent, smallModel } from "./support/model.ts";

let backend: Backend;
beforeEach(async () => {
  backend = await useBackend(reference());
});
afterEach(() => trackAllocations(false));

describe("memoryReport", () => {
  it("names the program's line, and counts what is there now", () => {
    const before = zeros([100]);
    trackAllocations(true);
    const made: Tensor[] = [];
    for (let turn = 0; turn < 3; turn++) made.push(zeros([10, 10]));
    const other = tensor([1, 2]).add(1);
    scope(() => void zeros([1000]));
    made[0]?.dispose();
    const { bytes, buffers, sites } = memoryReport();
    expect({ bytes, buffers }).toEqual(backend.memory());
    expect(sites.reduce((sum, site) => sum + site.bytes, 0)).toBe(bytes);
    expect(sites.reduce((sum, site) => sum + site.buffers, 0)).toBe(buffers);
    expect(sites[0]).toMatchObject({ bytes: 800, buffers: 2 });
    expect(sites[0]?.site).toMatch(/memory-report\.test\.ts:\d+:\d+/);
    expect(sites[1]).toEqual({ site: "made before trackAllocations(true)", bytes: 400, buffers: 1 });
    expect(sites.slice(2).every(({ site }) => /memory-report\.test\.ts/.test(site))).toBe(true);
    for (const each of [before, other, ...made.slice(1)]) each.dispose();
    expect(memoryReport(backend).bytes).toBe(backend.memory().bytes);
  });

  it("names the layer of parameters and state, also after steps", async () => {
    const model = smallModel();
    trackAllocations(true);
    const step = descent(model);
    const { x, labels } = batch();
    for (let turn = 0; turn < 3; turn++) {
      const loss = step(x, labels);
      await loss.item();
      loss.dispose();
    }
    const sites = new Map(memoryReport().sites.map(({ site, ...rest }) => [site, rest]));
    expect(sites.get("conv")).toEqual({ bytes: 4 * 20, buffers: 2 });
    expect(sites.get("dense")).toEqual({ bytes: 4 * 54, buffers: 1 });
    expect([...sites.keys()].some((site) => site.includes("core/test/"))).toBe(true); // the batch, used twice, stays
  });

  it("without tracking says how to have it, and takes no stack", () => {
    const spy = vi.spyOn(Error, "captureStackTrace");
    const x = zeros([4]);
    expect(spy).not.toHaveBeenCalled();
    spy.mockRestore();
    expect(memoryReport().sites).toEqual([
      { site: "not tracked: call trackAllocations(true) first", bytes: 16, buffers: 1 },
    ]);
    x.dispose();
    expect(memoryReport()).toEqual({ bytes: 0, buffers: 0, sites: [] });
  });

  it("forgets what is gone, however much is made", () => {
    trackAllocations(true);
    for (let turn = 0; turn < 1100; turn++) zeros([2]).dispose();
    expect(memoryReport()).toEqual({ bytes: 0, buffers: 0, sites: [] });
  });
});

it("eager code that keeps what it makes is warned, with its line", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const inner = reference();
  await useBackend({ ...inner, memory: () => ({ bytes: 3 * 2 ** 30, buffers: 12 }) });
  const x = tensor([1]);
  for (let turn = 0; turn < 1100; turn++) x.add(x).dispose();
  expect(warn).toHaveBeenCalledOnce();
  expect(String(warn.mock.calls[0]?.[0])).toMatch(
    /12 tensors hold 3072 MiB on backend "reference".*memory-report\.test\.ts:\d+.*memoryReport\(\) say which line/,
  );
  warn.mockRestore();
});
