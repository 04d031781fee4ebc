// The HDF5 library and what stands before it in a real browser.
import { readKeras } from "@stria/weights/keras";
import { expect, test } from "vitest";
import { counting, hdf5 } from "./hdf5-file.ts";

test("a file of Keras 2 is read in a browser", () => {
  const { bytes } = hdf5({
    attributes: { layer_names: ["fc"] },
    children: {
      fc: {
        attributes: { weight_names: ["fc/kernel:0"] },
        children: { fc: { children: { "kernel:0": counting(2, 3) } } },
      },
    },
  });
  const { tensors } = readKeras(bytes, "net.h5");
  expect([...tensors]).toEqual([["fc/kernel", { shape: [2, 3], storedAs: "F32", bytes: counting(2, 3).bytes }]]);
  expect(() => readKeras(bytes.subarray(0, 200), "net.h5")).toThrow("net.h5: the HDF5 file is cut");
});
