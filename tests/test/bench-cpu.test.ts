// The CPU bench goes on when somebody dies, says who and why, keeps what it has measured, and gives the same file in parts as in one piece.
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startCeilings } from "../../bench/src/cpu/ceilings.ts";
import { Child } from "../../bench/src/cpu/child.ts";
import { contest } from "../../bench/src/cpu/contest.ts";
import { KeptResults } from "../../bench/src/cpu/kept-results.ts";
import { compareValues } from "../../bench/src/cpu/predictions.ts";
import { beside, rowsOf } from "../../bench/src/cpu/rows.ts";
import { readResults, resultsBefore, writeResults } from "../../bench/src/results.ts";

/** Says what it is, answers one request, and then what it is told to say or how to die. */
const program = `
console.log(JSON.stringify({ version: 1 }));
let answered = 0;
require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const { net } = JSON.parse(line);
  if (net === "dies") {
    console.error("Error: there is no memory left");
    process.exit(3);
  }
  if (net === "is killed") process.kill(process.pid, "SIGKILL");
  else console.log(JSON.stringify(net === "refuses" ? { error: "this net is too large" } : { answered: ++answered }));
});`;

it("a contestant that dies says why, and is another one when it is asked again", async () => {
  const child = new Child("peer", [process.execPath, "-e", program]);
  expect(await child.begin()).toEqual({ version: 1 });
  expect(await child.ask({ net: "any" })).toEqual({ answered: 1 });
  expect(await child.ask({ net: "any" })).toEqual({ answered: 2 });
  await expect(child.ask({ net: "dies" })).rejects.toThrow("ended with status 3: Error: there is no memory left");
  expect(await child.ask({ net: "any" })).toEqual({ answered: 1 });
  await expect(child.ask({ net: "is killed" })).rejects.toThrow("was killed, as a system does that is out of memory");
  await expect(child.ask({ net: "refuses" })).rejects.toThrow("this net is too large");
  await child.stop();
  const missing = new Child("peer", ["/there/is/no/such/program"]);
  await expect(missing.ask({ net: "any" })).rejects.toThrow("ENOENT");
});

it("who dies in a contest falls out of it, and the others have their figures", async () => {
  let runs = 0;
  const tired = (): void => {
    if (++runs > 1) throw new Error("it has run often enough");
  };
  const ceilings = startCeilings([1, 2]);
  const dead = new Child("dead", [process.execPath, "-e", program]);
  const given = await contest(
    [
      { name: "stria, 1 thread", run: () => ({ wall: 20, processor: 20 }) },
      { name: "tired, 1 thread", run: tired },
      dead.entrant("any", 1),
      ...ceilings.entrants,
    ],
    { rounds: 1 },
  );
  await ceilings.end();
  expect(given.fallen).toEqual([
    { contestant: "tired, 1 thread", reason: "it has run often enough" },
    { contestant: "dead, 1 thread", reason: "its process has ended" },
  ]);
  const rows = rowsOf("net", given, 0, beside([], ["PyTorch"], [1, 2]));
  expect(rows[0]).toMatchObject({ name: "net: stria, 1 thread", median: 20, figures: { "upper quartile ms": 20 } });
  const twice = rows.filter(({ figures }) => (figures["times 1 thread"] ?? 0) > 0).map(({ name }) => name);
  expect(twice).toEqual(["net: register loop, 2 threads", "net: copy of 64 MB, 2 threads"]);
});

it("answers are compared with ours", () => {
  expect(() => compareValues([1, 2], [1, 2.001])).not.toThrow();
  expect(() => compareValues([1, 2.1], [1, 2])).toThrow("it answers otherwise, by 0.05");
  expect(() => compareValues([], [1, 2])).toThrow("it answers otherwise, by NaN");
});

const places = ["a", "b"].flatMap((part) => ["x", "y"].map((name) => ({ part, case: name })));
const row = (name: string, times: number) => ({
  name: `${name}: stria, 1 thread`,
  figures: { "times PyTorch": times },
});

it("cases measured in any order, over several runs, are one report; who fell out is tried again", () => {
  const nothing = { rows: [], left: [] };
  const whole = new KeptResults(nothing, places, ["a"]);
  for (const [index, place] of places.entries()) whole.put(place, [row(place.case, index + 1)], []);
  const first = new KeptResults(nothing, places, ["a"]);
  first.put({ part: "b", case: "y" }, [row("y", 4)], []);
  first.put({ part: "a", case: "y" }, [row("y", 2)], []);
  first.put({ part: "a", case: "x" }, [row("x", 7)], [{ contestant: "PyTorch, 1 thread", reason: "was killed" }]);
  const second = new KeptResults(first.outcome(), places, ["a"]);
  expect(places.map((place) => second.has(place))).toEqual([false, true, false, true]);
  expect(second.outcome().left).toEqual([
    { part: "a", case: "x", contestant: "PyTorch, 1 thread", reason: "was killed" },
  ]);
  second.put({ part: "b", case: "x" }, [row("x", 3)], []);
  second.put({ part: "a", case: "x" }, [row("x", 1)], []);
  expect(second.outcome()).toEqual(whole.outcome());
  expect(whole.outcome().rows.map(({ name }) => name.split(": ")[0])).toEqual([
    "x",
    "y",
    "a, geometric mean",
    "a, least",
    "x",
    "y",
  ]);
});

it("a file of results is replaced as a whole, and gone on with on the same machine only", async () => {
  const folder = await mkdtemp(join(tmpdir(), "stria-results-"));
  const file = join(folder, "report.json");
  const heading = { suite: "cpu", machine: "a machine", threads: [1, 2] };
  try {
    expect(await resultsBefore(file, heading)).toEqual({ rows: [], left: [] });
    const outcome = { rows: [{ ...row("x", 1), part: "a", case: "x" }], left: [] };
    await writeResults(file, heading, outcome);
    await writeResults(file, heading, outcome);
    expect(await readdir(folder)).toEqual(["report.json"]);
    expect(await readResults(file, "cpu")).toMatchObject({ ...heading, rows: outcome.rows });
    expect(await resultsBefore(file, heading)).toEqual(outcome);
    await expect(resultsBefore(file, { ...heading, machine: "another" })).rejects.toThrow(
      "is of a machine, threads 1,2, this run of another, threads 1,2: write to another file",
    );
    await expect(readResults(file, "gemm")).rejects.toThrow("is no report of `npm run bench -- gemm --json FILE`");
  } finally {
    await rm(folder, { recursive: true });
  }
});
