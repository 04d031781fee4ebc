// Tables as text (RFC 4180), read by Papa Parse; no cell is guessed to be anything but text.
import { AttributeError, FormatError } from "@stria/core";
import { classLabel, type Dataset } from "@stria/data";
import papa from "papaparse";
import { itemAt } from "../item-at.ts";

export interface CsvOptions {
  /** What to call the file in errors. */
  readonly name?: string;
  /** Whether the first row names the columns; else they are "0", "1", ... Default: true. */
  readonly header?: boolean;
  /** Between cells. Default: ",". */
  readonly delimiter?: string;
  /** What lines begin with that are passed over: "#". */
  readonly comment?: string;
}

/** A table of text. */
export interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  /** As many cells a row as there are columns. */
  readonly rows: readonly (readonly string[])[];
}

/** Reads a table; empty lines are passed over. @throws FormatError when quotes do not end, a row has another number of cells, or two columns have one name */
export function readCsv(text: string, options: CsvOptions = {}): Table {
  const { name = "table", header = true, delimiter = ",", comment } = options;
  const again = "correct the file, or pass its delimiter";
  const { data, errors } = papa.parse<string[]>(text.replace(/^\uFEFF/, ""), {
    delimiter,
    skipEmptyLines: true,
    ...(comment !== undefined && { comments: comment }),
  });
  const [error] = errors;
  if (error) throw new FormatError(name, `row ${(error.row ?? 0) + 1}: ${error.message}`, again);
  const [first] = data;
  if (first === undefined) throw new FormatError(name, "the table is empty", again);
  const columns = header ? first.map((cell) => cell.trim()) : first.map((_, index) => String(index));
  const twice = columns.find((column, index) => columns.indexOf(column) < index);
  if (twice !== undefined) throw new FormatError(name, `two columns are called "${twice}"`, "rename one");
  const rows = header ? data.slice(1) : data;
  for (const [index, row] of rows.entries())
    if (row.length !== columns.length)
      throw new FormatError(
        name,
        `row ${index + 1} has ${row.length} cells, and there are ${columns.length} columns`,
        again,
      );
  return { name, columns, rows };
}

/** A row as numbers and what is to be found from them. */
export interface TableItem {
  readonly x: Float32Array;
  /** The class, or the number, of the row. */
  readonly y: number;
}

export interface TableDatasetOptions {
  /** The column that is to be found. */
  readonly target: string;
  /** Whether the target is a class or a number. Default: "class". */
  readonly kind?: "class" | "number";
  /** The columns of numbers; all others by default. */
  readonly inputs?: readonly string[];
  /** The classes in their order; by default what is in the column: numbers in order of size, else text in ascending order. */
  readonly classes?: readonly string[];
}

/** The rows of a table, in memory. */
export interface TableDataset extends Dataset<TableItem> {
  /** The names of the columns of x. */
  readonly inputs: readonly string[];
  /** Empty where the target is a number. */
  readonly classNames: readonly string[];
  get(index: number): TableItem;
  label?(index: number): number;
}

const isNumber = (cell: string): boolean => cell.trim() !== "" && Number.isFinite(Number(cell));

function classesIn(cells: readonly string[]): string[] {
  const found = [...new Set(cells)];
  const byText = (a: string, b: string): number => (a < b ? -1 : 1);
  return found.toSorted(found.every((cell) => isNumber(cell)) ? (a, b) => Number(a) - Number(b) : byText);
}

/** A dataset of the rows of a table: columns of numbers, and one that is to be found from them. @throws FormatError for a cell that is no number or none of the classes; AttributeError for a column that is not there */
export function tableDataset(table: Table, options: TableDatasetOptions): TableDataset {
  const { target, kind = "class", inputs = table.columns.filter((column) => column !== target) } = options;
  if (table.rows.length === 0) throw new FormatError(table.name, "the table has no rows", "add some");
  const placeIn = (column: string): number => {
    const place = table.columns.indexOf(column);
    if (place >= 0) return place;
    throw new AttributeError(table.name, `there is no column "${column}"`, `use ${table.columns.join(", ")}`);
  };
  const [places, last] = [inputs.map((column) => placeIn(column)), placeIn(target)];
  const numberIn = (cell: string, row: number, column: string): number => {
    if (isNumber(cell)) return Number(cell);
    throw new FormatError(
      table.name,
      `row ${row + 1} has "${cell}" in column ${column}, which is no number`,
      "correct it, or leave the column out of inputs",
    );
  };
  const targets = table.rows.map((row) => (row[last] ?? "").trim());
  const classNames = kind === "number" ? [] : (options.classes ?? classesIn(targets));
  const numbers = new Map(classNames.map((name, index) => [name, index]));
  const found = targets.map((cell, row) => {
    if (kind === "number") return numberIn(cell, row, target);
    const label = numbers.get(cell);
    if (label !== undefined) return label;
    throw new FormatError(table.name, `row ${row + 1} is of class "${cell}"`, `use one of ${classNames.join(", ")}`);
  });
  const items = table.rows.map((row, index) => ({
    x: Float32Array.from(places, (place, at) => numberIn(row[place] ?? "", index, inputs[at] ?? "")),
    y: found[index] ?? Number.NaN,
  }));
  const label = (index: number): number => itemAt("tableDataset", found, index);
  return {
    length: items.length,
    inputs,
    classNames,
    fields: {
      x: { shape: [inputs.length], dtype: "float32" },
      y: kind === "number" ? { shape: [], dtype: "float32" } : classLabel(classNames.length),
    },
    get: (index) => itemAt("tableDataset", items, index),
    ...(kind === "class" && { label }),
  };
}
