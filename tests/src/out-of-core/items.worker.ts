// The worker of a process that trains on a file larger than its memory.
import { openRecords, serveBatches } from "@stria/data";
import { type Item, reduce } from "./items.ts";

serveBatches(async (path) => ({ dataset: await openRecords<Item>(String(path)), transform: reduce }));
