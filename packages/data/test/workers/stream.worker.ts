// A worker of the tests' loaders over a stream.
import { serveBatches } from "../../src/workers/serve-batches.ts";
import { noisy, type Scenario, streamOf } from "./scenario.ts";

serveBatches((data) => ({ dataset: streamOf(data as Scenario), transform: noisy }));
