// What Node's console shows of a tensor. Browsers' consoles have no such hook and fetch none of this.
import { showAval } from "./aval.ts";
import { elementOf } from "./element.ts";
import { showData } from "./show-data.ts";
import type { Tensor } from "./tensor.ts";

/** Defines on the prototype of tensors how they are shown. */
export function defineInConsole(prototype: Tensor): void {
  Object.defineProperty(prototype, Symbol.for("nodejs.util.inspect.custom"), {
    value(this: Tensor): string {
      const { source } = this;
      const name = `Tensor ${showAval(this.aval)}`;
      if (this.isDisposed) return `${name} (disposed)`;
      if (source.kind === "traced") return `${name} (traced: it has a value when the program runs)`;
      const { hostData, backend } = source.storage;
      if (!hostData) return `${name} (on ${backend?.name}: await data() or array() to read it)`;
      return `${name} ${showData(this.shape, (index) => elementOf(hostData, index, this.dtype))}`;
    },
  });
}
