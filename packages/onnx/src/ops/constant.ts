// Values known from attributes alone. They are written small, as what they repeat.
import { at } from "@stria/core";
import { dtypeOf, number, numbers } from "../attributes.ts";
import type { Rule } from "../translation.ts";

type ConstantOp = "full" | "iota";

export const constant: Readonly<Record<ConstantOp, Rule>> = {
  full: {
    translate({ writer, attrs }) {
      return [{ name: writer.scalar(dtypeOf(attrs, "dtype"), number(attrs, "value")), shape: [] }];
    },
  },
  iota: {
    translate({ writer, attrs }) {
      const [shape, axis] = [numbers(attrs, "shape"), number(attrs, "axis")];
      const small = shape.map((length, other) => (other === axis ? length : 1));
      const places = Array.from({ length: at(shape, axis) }, (_, place) => place);
      const dtype = dtypeOf(attrs, "dtype");
      return [
        {
          name: writer.constant(
            dtype,
            small,
            dtype === "float32" ? Float32Array.from(places) : Int32Array.from(places),
          ),
          shape: small,
        },
      ];
    },
  },
};
