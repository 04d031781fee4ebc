// Activation functions without settings as layers. What each computes is said at its function.
import type { Tensor } from "@stria/core";
import { Module, inLayer } from "../module.ts";
import { selu } from "./exponential.ts";
import { hardSigmoid, hardSwish, tanhshrink } from "./piecewise.ts";
import { crelu, relu6 } from "./rectifiers.ts";
import { gelu, geluTanh, logSigmoid, mish, silu, softsign } from "./smooth.ts";

/** {@link relu6} as a layer. */
export class ReLU6 extends Module {
  override forward(x: Tensor): Tensor {
    return inLayer(this, "ReLU6", () => relu6(x));
  }
}

/** {@link crelu} as a layer. */
export class CReLU extends Module {
  override forward(x: Tensor): Tensor {
    return inLayer(this, "CReLU", () => crelu(x));
  }
}

/** {@link selu} as a layer. */
export class SELU extends Module {
  override forward(x: Tensor): Tensor {
    return inLayer(this, "SELU", () => selu(x));
  }
}

/** {@link gelu} as a layer. */
export class GELU extends Module {
  override forward(x: Tensor): Tensor {
    return inLayer(this, "GELU", () => gelu(x));
  }
}

/** {@link geluTanh} as a layer. */
export class GELUTanh extends Module {
  override forward(x: Tensor): Tensor {
    return inLayer(this, "GELUTanh", () => geluTanh(x));
  }
}

/** {@link silu} as a layer. */
export class SiLU extends Module {
  override forward(x: Tensor): Tensor {
    return inLayer(this, "SiLU", () => silu(x));
  }
}

/** {@link mish} as a layer. */
export class Mish extends Module {
  override forward(x: Tensor): Tensor {
    return inLayer(this, "Mish", () => mish(x));
  }
}

/** {@link hardSwish} as a layer. */
export class HardSwish extends Module {
  override forward(x: Tensor): Tensor {
    return inLayer(this, "HardSwish", () => hardSwish(x));
  }
}

/** {@link hardSigmoid} as a layer. */
export class HardSigmoid extends Module {
  override forward(x: Tensor): Tensor {
    return inLayer(this, "HardSigmoid", () => hardSigmoid(x));
  }
}

/** {@link softsign} as a layer. */
export class Softsign extends Module {
  override forward(x: Tensor): Tensor {
    return inLayer(this, "Softsign", () => softsign(x));
  }
}

/** {@link logSigmoid} as a layer. */
export class LogSigmoid extends Module {
  override forward(x: Tensor): Tensor {
    return inLayer(this, "LogSigmoid", () => logSigmoid(x));
  }
}

/** {@link tanhshrink} as a layer. */
export class Tanhshrink extends Module {
  override forward(x: Tensor): Tensor {
    return inLayer(this, "Tanhshrink", () => tanhshrink(x));
  }
}
