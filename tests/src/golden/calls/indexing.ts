// Reading and writing at indices, sorting.
import {
  type Tensor,
  argSort,
  embedding,
  full,
  gather,
  indexAdd,
  oneHot,
  scatter,
  scatterAdd,
  sort,
  take,
  topK,
} from "@stria/core";
import type { Arguments } from "../arguments.ts";
import type { CallTable } from "./call.ts";

/** A source of PyTorch's: a tensor, or one number for all. */
function source(given: Arguments, like: Tensor, indices: Tensor): Tensor {
  return given.has("value") ? full(indices.shape, given.number("value"), like.dtype) : given.tensor("src");
}

const orders = {
  dim: (given: Arguments) => given.number("dim", -1),
  descending: (given: Arguments) => {
    given.flag("stable", false); // it always is
    return given.flag("descending", false);
  },
};

export const indexingCalls: CallTable = {
  "torch.gather": (given) => gather(given.tensor(), given.tensor("index"), given.number("dim")),
  "torch.index_select": (given) => take(given.tensor(), given.tensor("index"), given.number("dim")),
  "torch.take_along_dim": (given) => gather(given.tensor(), given.tensor("indices"), given.number("dim")),
  "torch.scatter_add": (given) =>
    scatterAdd(given.tensor(), given.tensor("index"), given.tensor("src"), given.number("dim")),
  "torch.index_add": (given) => {
    const updates = given.tensor("source").mul(given.number("alpha", 1));
    return indexAdd(given.tensor(), given.tensor("index"), updates, given.number("dim"));
  },
  "torch.scatter": (given) => {
    const [x, indices] = [given.tensor(), given.tensor("index")];
    const reduce = given.text("reduce", "none");
    if (reduce !== "none" && reduce !== "add") return given.unsupported(`with reduce "${reduce}"`);
    return (reduce === "add" ? scatterAdd : scatter)(x, indices, source(given, x, indices), given.number("dim"));
  },
  "torch.nn.functional.one_hot": (given) => oneHot(given.tensor(), given.number("num_classes"), "int32"),
  "torch.nn.functional.embedding": (given) => {
    const padding = given.has("padding_idx") ? { paddingIndex: given.number("padding_idx") } : {};
    return embedding(given.tensor(), given.tensor("weight"), padding);
  },
  "torch.sort": (given) => ({
    ...sort(given.tensor(), orders.dim(given), { descending: orders.descending(given) }),
  }),
  "torch.argsort": (given) => argSort(given.tensor(), orders.dim(given), { descending: orders.descending(given) }),
  "torch.topk": (given) => {
    given.flag("sorted", true); // it always is
    return {
      ...topK(given.tensor(), given.number("k"), given.number("dim", -1), { largest: given.flag("largest", true) }),
    };
  },
};
