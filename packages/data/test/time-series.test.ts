// Files of the UCR and UEA archive, made here.
import { FormatError } from "@stria/core";
import { describe, expect, it } from "vitest";
import { readTimeSeries } from "../src/index.ts";

const file = (...lines: readonly string[]) =>
  ["# about", "@problemName Made", "@timeStamps false", "@classLabel true left right", "@data", ...lines, ""].join(
    "\n",
  );

describe("a .ts file", () => {
  it("has series and classes", () => {
    expect(readTimeSeries(file("1,2.5,-3e2:right", "4,5,6:left"), "made.ts")).toEqual({
      series: [[Float32Array.of(1, 2.5, -300)], [Float32Array.of(4, 5, 6)]],
      labels: [1, 0],
      classes: ["left", "right"],
    });
  });

  it("may have several dimensions, lengths and holes, and the ends of lines of Windows", () => {
    const { series } = readTimeSeries(file("1,2:3,?:left", "4,5,6:7,8,9:left").replaceAll("\n", "\r\n"), "made.ts");
    expect(series).toEqual([
      [Float32Array.of(1, 2), Float32Array.of(3, Number.NaN)],
      [Float32Array.of(4, 5, 6), Float32Array.of(7, 8, 9)],
    ]);
  });

  it("may have no labels", () => {
    const { labels, series } = readTimeSeries("@classLabel false\n@data\n1,2\n", "made.ts");
    expect([labels, series]).toEqual([[], [[Float32Array.of(1, 2)]]]);
  });

  it.each([
    ["a word", file("1,x:left"), 'line 6 has "x" where a number should be'],
    ["an empty place", file("1,,2:left"), 'line 6 has "" where a number should be'],
    ["another class", file("1,2:left", "1,2:up"), 'line 7 has the label "up". Remedy: use one of left, right'],
    ["another number of dimensions", file("1:2:left", "1:left"), "line 7 has 1 dimensions, others 2"],
    ["time stamps", "@timeStamps true\n@data\n(0,1)\n", "its values have time stamps"],
    ["no data", "@problemName x\n", "there is no line @data"],
    ["nothing after @data", file(), "there are no series after @data"],
    ["other lines first", "hello\n@data\n1\n", "line 1 stands before @data"],
  ])("with %s is refused by name and line", (_, text, message) => {
    expect(() => readTimeSeries(text, "broken.ts")).toThrow(FormatError);
    expect(() => readTimeSeries(text, "broken.ts")).toThrow(`broken.ts: ${message}`);
  });
});
