// A process that makes one prediction of a network in files, in a library: `first-peer.ts ort|tfjs PATH`.
const [name = "", path = ""] = process.argv.slice(2);
const library =
  name === "ort"
    ? (await import("../web/ort.ts")).onnxruntimeWeb(1)
    : await (await import("../web/tfjs.ts")).tfjsWasm(1);
const made = await library.prepare(path);
const values = await made.values();
if (values.length !== 10) throw new RangeError("no answer");
const { user, system } = process.cpuUsage();
process.stdout.write(`${(user + system) / 1000}\n`);
process.exit(0);
