// What a user writes who installed @stria/core, @stria/layers and @stria/backend-cpu, and nothing else. It is
// type-checked against the installed packages, then run by Node and by a page that Vite built. Its last line of output
// has to be the same everywhere: tools/src/consumer.ts says which.
import * as cpu from "@stria/backend-cpu";
import * as core from "@stria/core";
import * as layers from "@stria/layers";

console.log(
  [core, layers, cpu].every((entry) => typeof entry === "object") ? "result: ok" : "result: an entry point is missing",
);
