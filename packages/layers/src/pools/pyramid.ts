// Spatial pyramid pooling (He et al. 2014): one length of features from images of any size.
import { AttributeError, type Tensor, at, concat, reshape, sizeOf } from "@stria/core";
import { adaptiveAvgPool, adaptiveMaxPool } from "./adaptive.ts";
import { Pooling } from "./pooling.ts";

export interface PyramidOptions {
  /** What is kept of a window. Default "max". */
  readonly of?: "max" | "average";
}

/**
 * x [N, C, ...] pooled to 1, 2, 4, ... windows along each spatial axis, all of them as features: [N, C (sum of level^axes)], level by level, each in the
 * order [C, ...] (He et al. 2014). Windows are those of `adaptiveMaxPool`.
 * @throws AttributeError for no levels or one below 1, ShapeError.
 */
export function spatialPyramidPool(x: Tensor, levels: readonly number[], { of = "max" }: PyramidOptions = {}): Tensor {
  if (levels.length === 0) throw new AttributeError("spatialPyramidPool", "there are no levels", "give at least one");
  const pools = levels.map((level) => {
    const y = of === "max" ? adaptiveMaxPool(x, level).values : adaptiveAvgPool(x, level);
    return reshape(y, [at(y.shape, 0), sizeOf(y.shape.slice(1))]);
  });
  return concat(pools, 1);
}

/** {@link spatialPyramidPool} as a layer; `axes`: how many spatial axes the input must have, any where it is not given. @throws AttributeError. */
export class SpatialPyramidPool extends Pooling {
  readonly levels: readonly number[];
  readonly options: PyramidOptions;

  constructor(levels: readonly number[], options: PyramidOptions = {}, axes?: number) {
    super("SpatialPyramidPool", axes);
    if (levels.length === 0) throw new AttributeError("SpatialPyramidPool", "there are no levels", "give at least one");
    this.levels = [...levels];
    this.options = options;
  }

  protected override pool(x: Tensor): Tensor {
    return spatialPyramidPool(x, this.levels, this.options);
  }
}

/** A {@link SpatialPyramidPool} over [N, C, H, W]. */
export function spatialPyramidPool2d(levels: readonly number[], options: PyramidOptions = {}): SpatialPyramidPool {
  return new SpatialPyramidPool(levels, options, 2);
}
