// A worker of the bench's loader.
import { serveBatches } from "@stria/data";
import { augmentationOf, type Files, picturesOf } from "./files.ts";

serveBatches((data) => {
  const { files, length } = data as { readonly files: Files; readonly length: number };
  const dataset = picturesOf(files, length);
  return { dataset, transform: augmentationOf(dataset).transform };
});
