// The cells of a model on the host, ready for a file.
import type { Cell, HostTensor } from "@stria/core";

/** The values of cells as they are now, by name. int32 is stored as int64, the type that counters have in files. */
export async function hostValues(cells: ReadonlyMap<string, Cell>): Promise<Map<string, HostTensor>> {
  const now = [...cells].map(([name, cell]) => ({ name, tensor: cell.value })); // all taken before the first wait
  try {
    const values = await Promise.all(
      now.map(async ({ name, tensor }): Promise<readonly [string, HostTensor]> => {
        const { shape, dtype } = tensor;
        return [name, { shape, dtype, data: await tensor.data(), ...(dtype === "int32" && { storedAs: "I64" }) }];
      }),
    );
    return new Map(values);
  } finally {
    for (const { tensor } of now) tensor.dispose();
  }
}
