// Tables and texts.
import { FormatError } from "@stria/core";
import { readCsv, tableDataset, textFolder, timeSeriesDataset } from "@stria/datasets";
import { describe, expect, test } from "vitest";
import { files } from "./fixtures.ts";

const irises = `sepal,petal,"kind, as named"
5.1,1.4,setosa
# a remark

7.0,4.7,"versi ""color"""
`;

describe("readCsv", () => {
  test("quotes, remarks, empty lines, line ends and marks of other systems", () => {
    const table = readCsv(irises, { comment: "#" });
    expect([table.columns, table.rows]).toEqual([
      ["sepal", "petal", "kind, as named"],
      [
        ["5.1", "1.4", "setosa"],
        ["7.0", "4.7", 'versi "color"'],
      ],
    ]);
    expect(readCsv("\uFEFFa;b\r\n1;2,5\r\n", { delimiter: ";" }).rows).toEqual([["1", "2,5"]]);
    expect(readCsv("1\t2\n3\t4", { delimiter: "\t", header: false })).toMatchObject({
      columns: ["0", "1"],
      rows: [
        ["1", "2"],
        ["3", "4"],
      ],
    });
    expect(readCsv('a\n"two\nlines"').rows).toEqual([["two\nlines"]]);
  });

  test.each([
    ["nothing", "", "the table is empty"],
    ["a quote without end", 'a,b\n1,"2', "row 2: Quoted field unterminated"],
    ["a row that is too short", "a,b\n1,2\n3", "row 2 has 1 cells, and there are 2 columns"],
    ["a row that is too long", "a,b\n1,2,3", "row 1 has 3 cells, and there are 2 columns"],
    ["a name twice", "a,a\n1,2", 'two columns are called "a"'],
  ])("%s is refused", (_, text, fault) => {
    expect(() => readCsv(text, { name: "t.csv" })).toThrow(FormatError);
    expect(() => readCsv(text, { name: "t.csv" })).toThrow("t.csv: ");
    expect(() => readCsv(text, { name: "t.csv" })).toThrow(fault);
  });
});

describe("tableDataset", () => {
  test("classes are in the order of their text, or of their numbers", () => {
    const set = tableDataset(readCsv(irises, { comment: "#" }), { target: "kind, as named" });
    expect([set.length, set.inputs, set.classNames, set.fields]).toEqual([
      2,
      ["sepal", "petal"],
      ["setosa", 'versi "color"'],
      { x: { shape: [2], dtype: "float32" }, y: { shape: [], dtype: "int32", numClasses: 2 } },
    ]);
    expect([[...set.get(1).x], set.get(1).y, set.label?.(0)]).toEqual([[7, Math.fround(4.7)], 1, 0]);
    expect(tableDataset(readCsv("a,b\n1,10\n2,9\n3,10"), { target: "b" }).classNames).toEqual(["9", "10"]);
    const numbers = tableDataset(readCsv("a,b\n1,0.5\n2,-3e2"), { target: "b", kind: "number" });
    expect([numbers.get(1), numbers.classNames, numbers.label]).toEqual([
      { x: Float32Array.of(2), y: -300 },
      [],
      undefined,
    ]);
  });

  test("what does not fit names the file, the row and the column", () => {
    const table = readCsv("a,b\n1,2\n,3", { name: "t.csv" });
    expect(() => tableDataset(table, { target: "b" })).toThrow('t.csv: row 2 has "" in column a, which is no number');
    expect(() => tableDataset(readCsv("a,b"), { target: "a" })).toThrow("table: the table has no rows");
    expect(() => tableDataset(table, { target: "c" })).toThrow('t.csv: there is no column "c"');
    expect(() => tableDataset(table, { target: "b", inputs: [], classes: ["2"] })).toThrow(
      't.csv: row 2 is of class "3"',
    );
    expect(() => tableDataset(readCsv("a\n1"), { target: "a" }).get(1)).toThrow("there is no item 1 of 1");
  });
});

describe("timeSeriesDataset", () => {
  const head = "@problemName x\n@timeStamps false\n@missing true\n@univariate false\n@classLabel true b a\n@data\n";
  test("dimensions are rows, classes are in the file's order or in the given one", () => {
    const set = timeSeriesDataset(`${head}1,2,3:4,5,6:a\n7,8,9:0,0,1:b\n`);
    expect([set.length, set.classNames, set.fields?.["x"]?.shape, [...set.get(0).x], set.label(0)]).toEqual([
      2,
      ["b", "a"],
      [2, 3],
      [1, 2, 3, 4, 5, 6],
      1,
    ]);
    expect(timeSeriesDataset(`${head}1:2:a`, { classes: ["a", "b"] }).get(0).y).toBe(0);
  });

  test("missing values and shorter series are filled up on request", () => {
    const text = `${head}1,?,3:4,5:a\n`;
    expect(() => timeSeriesDataset(text, { name: "x.ts" })).toThrow("x.ts: series 0 lacks values, of 3");
    expect([...timeSeriesDataset(text, { missing: -1 }).get(0).x]).toEqual([1, -1, 3, 4, 5, -1]);
    expect(() => timeSeriesDataset(text, { missing: Number.NaN })).toThrow("missing is NaN");
    expect(() => timeSeriesDataset(text, { classes: ["c"] })).toThrow('the class "b" is none of c');
    expect(() => timeSeriesDataset("@classLabel false\n@data\n1,2\n", { name: "x.ts" })).toThrow(FormatError);
  });
});

describe("textFolder", () => {
  test("a file a text, classes are folders", async () => {
    const set = await textFolder(files({ "pos/1.txt": "good\n", "neg/1.txt": "bad", "neg/2.txt": "" }));
    expect([set.classNames, set.length, set.get(2), set.label(0)]).toEqual([
      ["neg", "pos"],
      3,
      { text: "good\n", label: 1, name: "pos/1.txt" },
      0,
    ]);
  });

  test("a line a text, classes are files; the encoding is what it is said to be", async () => {
    const latin = Uint8Array.from([0x63, 0x61, 0x66, 0xe9, 0x0d, 0x0a, 0x0a, 0x62]);
    const source = files({ "x/pos.txt": latin, "readme.md": "?" });
    const options = { within: "x", unit: "line" } as const;
    const set = await textFolder(source, { ...options, encoding: "windows-1252" });
    expect([set.get(0), set.get(1), set.classNames]).toEqual([
      { text: "café", label: 0, name: "x/pos.txt:1" },
      { text: "b", label: 0, name: "x/pos.txt:3" },
      ["pos"],
    ]);
    expect(set.nameOf?.(1)).toBe("x/pos.txt:3");
    await expect(textFolder(source, options)).rejects.toThrow("set/x/pos.txt: it is no text in utf-8");
    await expect(textFolder(source, { encoding: "klingon" })).rejects.toThrow(
      'encoding: there is none called "klingon"',
    );
    await expect(textFolder(source, { classOf: () => undefined })).rejects.toThrow("there are no texts in it");
    await expect(textFolder(files({ "readme.md": "?" }), { classes: ["x"] })).rejects.toThrow(
      'its class "readme" is none of x',
    );
  });
});
