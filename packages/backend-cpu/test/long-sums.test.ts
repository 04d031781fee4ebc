// Sums of very many numbers: float32 alone would stand still at 2^24.
import { broadcastTo, mean, mul, sum, tensor, useBackend } from "@stria/core";
import { expect, test } from "vitest";
import { cpu } from "../src/index.ts";
import { Random } from "./support/random.ts";

test("across results and along one", async () => {
  await useBackend(cpu({ threads: 2 }));
  const [terms, width] = [17_000_000, 5];
  const row = tensor(Array.from({ length: width }, (_, k) => k + 1));
  const wanted = Array.from({ length: width }, (_, k) => (k + 1) * terms);
  expect(Array.from(await sum(broadcastTo(row, [terms, width]), 0).data())).toEqual(wanted);
  expect(Array.from(await sum(broadcastTo(row.reshape([width, 1]), [width, terms]), 1).data())).toEqual(wanted);
});

test("means of columns, to the last digit", async () => {
  await useBackend(cpu({ threads: 2 }));
  const [rows, columns] = [50_001, 21];
  const { data } = new Random(1).value([rows, columns]);
  const exact = new Float64Array(columns);
  data.forEach((value, index) => {
    exact[index % columns] = (exact[index % columns] ?? 0) + Math.fround(value + 3) * 2;
  });
  const x = tensor(data, { shape: [rows, columns] });
  const found = await mean(mul(x.add(3), 2), 0).data();
  for (const [column, value] of found.entries())
    expect(Math.abs(value - (exact[column] ?? 0) / rows)).toBeLessThan(3e-6);
});
