// A worker that shakes points.
import { serveBatches } from "@stria/data";
import { points, shaken } from "./points.ts";

serveBatches({ dataset: points, transform: shaken });
