// Resizing and sampling: the library's own.
import {
  type GridSampleOptions,
  type InterpolateOptions,
  type InterpolationMode,
  affineGrid,
  gridSample,
  interpolate,
} from "@stria/layers";
import type { Arguments } from "../arguments.ts";
import type { CallTable, ExpressionTable } from "./call.ts";

const modes: Readonly<Record<string, InterpolationMode>> = {
  nearest: "nearest",
  "nearest-exact": "nearestExact",
  linear: "linear",
  bilinear: "linear",
  trilinear: "linear",
  bicubic: "cubic",
  area: "area",
};

function interpolation(given: Arguments): InterpolateOptions {
  const name = given.text("mode", "nearest");
  const mode = (Object.hasOwn(modes, name) ? modes[name] : undefined) ?? given.unsupported(`with mode ${name}`);
  const [size, scaleFactor] = [given.axes("size"), given.axes("scale_factor")];
  return {
    mode,
    ...(size !== undefined && { size }),
    ...(scaleFactor !== undefined && { scaleFactor }),
    alignCorners: given.flag("align_corners", false),
    antialias: given.flag("antialias", false),
    recomputeScaleFactor: given.flag("recompute_scale_factor", false),
  };
}

function sampling(given: Arguments): GridSampleOptions {
  const [mode, padding] = [given.text("mode", "bilinear"), given.text("padding_mode", "zeros")];
  if (padding !== "zeros" && padding !== "border" && padding !== "reflection")
    return given.unsupported(`with padding mode ${padding}`);
  const known = Object.hasOwn(modes, mode) ? modes[mode] : undefined;
  if (known !== "linear" && known !== "nearest" && known !== "cubic") return given.unsupported(`with mode ${mode}`);
  return { mode: known, padding, alignCorners: given.flag("align_corners", false) };
}

export const resizeCalls: CallTable = {
  "torch.nn.functional.interpolate": (given) => interpolate(given.tensor(), interpolation(given)),
  "torch.nn.functional.grid_sample": (given) => gridSample(given.tensor(), given.tensor("grid"), sampling(given)),
  "torch.nn.functional.affine_grid": (given) =>
    affineGrid(given.tensor("theta"), given.numbers("size").slice(2), {
      alignCorners: given.flag("align_corners", false),
    }),
};

export const resizeExpressions: ExpressionTable = {
  spatial_transformer: [
    {
      expression: "F.grid_sample(input, F.affine_grid(theta, size, align_corners=False), align_corners=False)",
      answer: (given) => gridSample(given.tensor(), affineGrid(given.tensor("theta"), given.numbers("size").slice(2))),
    },
  ],
};
