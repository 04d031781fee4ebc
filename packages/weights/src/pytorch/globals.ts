// The names that a PyTorch pickle may ask for, and what each builds: tensors, their storages and plain containers. There are no others.
import type { StoredType } from "@stria/core";
import type { Budget } from "../budget.ts";
import { damaged, refuse } from "../fault.ts";
import { elementBytes } from "../elements/element-bytes.ts";
import { PyTorchTensor } from "./pytorch-tensor.ts";
import { describeItem, Global, type Item, type PyTorchKey, StorageView } from "./values.ts";

const mostDimensions = 64; // PyTorch's own limit

const storageTypes: Readonly<Record<string, StoredType | "untyped">> = {
  "torch.DoubleStorage": "F64",
  "torch.FloatStorage": "F32",
  "torch.HalfStorage": "F16",
  "torch.BFloat16Storage": "BF16",
  "torch.LongStorage": "I64",
  "torch.IntStorage": "I32",
  "torch.ShortStorage": "I16",
  "torch.CharStorage": "I8",
  "torch.ByteStorage": "U8",
  "torch.BoolStorage": "BOOL",
  "torch.storage.UntypedStorage": "untyped",
};

/** For `_rebuild_tensor_v3`, which newer element types are saved by. */
const elementTypes: Readonly<Record<string, StoredType>> = {
  "torch.float64": "F64",
  "torch.float32": "F32",
  "torch.float16": "F16",
  "torch.bfloat16": "BF16",
  "torch.float8_e4m3fn": "F8_E4M3",
  "torch.float8_e5m2": "F8_E5M2",
  "torch.int64": "I64",
  "torch.int32": "I32",
  "torch.int16": "I16",
  "torch.int8": "I8",
  "torch.uint64": "U64",
  "torch.uint32": "U32",
  "torch.uint16": "U16",
  "torch.uint8": "U8",
  "torch.bool": "BOOL",
};

const onlyStateDicts =
  "only state dicts are read, and no code of a file is ever run; in Python: torch.save(model.state_dict(), path)";

/** Whether `item` may be a key of a dict here. @throws FormatError when not */
export function checkKey(item: Item, source: string): PyTorchKey {
  if (item === "__proto__") return refuse(source, 'a dict has the key "__proto__"', "rename it");
  if (item === null || typeof item !== "object") return item;
  return refuse(source, `a dict has ${describeItem(item)} as a key`, "use texts and numbers as keys");
}

/** What a pickle may name, and the tensors that were built of it. */
export class Globals {
  /** All tensors that the pickle built; their data come when the storages are known. */
  readonly tensors: PyTorchTensor[] = [];
  /** The type of each storage, and the number of elements that the pickle states. */
  readonly storages: Map<string, StorageView> = new Map();
  readonly #budget: Budget;
  readonly #found: ReadonlyMap<string, Global>;

  constructor(budget: Budget) {
    this.#budget = budget;
    const builders: Readonly<Record<string, Global["build"]>> = {
      "collections.OrderedDict": (args) => this.#orderedDict(args),
      "torch.Size": ([sizes, ...rest]) =>
        Array.isArray(sizes) && rest.length === 0 ? sizes : this.#fail("torch.Size is made of no tuple"),
      "torch._utils._rebuild_tensor": (args) => this.#tensor(args),
      "torch._utils._rebuild_tensor_v2": (args) => this.#tensor(args),
      "torch._utils._rebuild_tensor_v3": (args) => this.#tensor(args, true),
      "torch._utils._rebuild_parameter": (args) => this.#parameter(args),
      "torch._utils._rebuild_parameter_with_state": (args) => this.#parameter(args),
    };
    this.#found = new Map([
      ...Object.entries(builders).map(([name, build]) => [name, new Global(name, { build })] as const),
      ...Object.entries(storageTypes).map(([name, storage]) => [name, new Global(name, { storage })] as const),
      ...Object.entries(elementTypes).map(([name, dtype]) => [name, new Global(name, { dtype })] as const),
    ]);
  }

  /** What `module` `name` stands for. @throws FormatError that names it, unless it is one of the few */
  find(module: string, name: string): Global {
    const asked = `${module}.${name}`;
    return (
      (name.includes(".") ? undefined : this.#found.get(asked)) ??
      refuse(this.#budget.source, `the pickle asks for ${asked.slice(0, 200)}, which is refused`, onlyStateDicts)
    );
  }

  /** The storage that a persistent id states: ("storage", type, key, device, elements), and a view of it in very old files. */
  storage(id: Item): StorageView {
    const [kind, type, key, , count, view = null, ...rest] = Array.isArray(id) ? id : [];
    if (kind !== "storage" || !(type instanceof Global) || typeof key !== "string" || rest.length > 0)
      return this.#fail("a persistent id states no storage");
    if (type.storage === undefined) return this.#fail(`${type.name} is no type of a storage`);
    const whole = new StorageView(key, type.storage, 0, this.#whole(count ?? null, "the length of a storage"));
    const known = this.storages.get(key);
    if (known !== undefined && (known.type !== whole.type || known.count !== whole.count))
      return this.#fail(`storage ${key} is stated twice, differently`);
    this.#budget.spend(100, "the storages");
    this.storages.set(key, whole);
    if (view === null) return whole;
    const [, first, length] = Array.isArray(view) ? view : [];
    const part = new StorageView(
      key,
      whole.type,
      this.#whole(first ?? null, "the beginning of a view of a storage"),
      this.#whole(length ?? null, "the length of a view of a storage"),
    );
    if (part.first + part.count > whole.count) return this.#fail(`a view leaves storage ${key}`);
    return part;
  }

  #fail(fault: string): never {
    return refuse(this.#budget.source, fault, damaged);
  }

  #whole(item: Item, what: string): number {
    if (typeof item === "number" && Number.isSafeInteger(item) && item >= 0) return item;
    return this.#fail(`${what} is ${describeItem(item)}`);
  }

  #wholes(item: Item | undefined, what: string): number[] {
    if (!Array.isArray(item)) return this.#fail(`${what} are ${describeItem(item ?? null)}`);
    if (item.length > mostDimensions) return this.#fail(`a tensor has ${item.length} dimensions`);
    return item.map((number) => this.#whole(number, `one of ${what}`));
  }

  #tensor([storage, first, size, stride, , , dtype]: readonly Item[], untyped: boolean = false): PyTorchTensor {
    if (!(storage instanceof StorageView)) return this.#fail(`a tensor is built of ${describeItem(storage ?? null)}`);
    const type = untyped ? (dtype instanceof Global ? dtype.dtype : undefined) : storage.type;
    if (type === undefined || type === "untyped") return this.#fail("a tensor has no element type");
    const offset = this.#whole(first ?? null, "the offset of a tensor");
    const shape = this.#wholes(size, "the sizes of a tensor");
    const strides = this.#wholes(stride, "the strides of a tensor");
    if (shape.length !== strides.length)
      return this.#fail(`a tensor has ${shape.length} sizes and ${strides.length} strides`);
    const elements = shape.reduce((product, length) => product * length, 1);
    const steps = shape.map((length, axis) => (length - 1) * (strides[axis] ?? 0));
    const last = elements === 0 ? 0 : 1 + steps.reduce((sum, step) => sum + step, 0);
    const width = elementBytes[type];
    const scale = storage.type === "untyped" ? width : 1;
    if (!((offset + last) * scale <= storage.count))
      return this.#fail(
        `a tensor [${shape.join(", ")}] with strides [${strides.join(", ")}] at ${offset} leaves its storage ${storage.key} of ${storage.count}`,
      );
    // Copied out where it is not row-major, and later as numbers of 4 bytes at most.
    this.#budget.spend(400 + elements * (width + 4), `a tensor [${shape.join(", ")}]`);
    const tensor = new PyTorchTensor(shape, type, { key: storage.key, offset: storage.first + offset, strides });
    this.tensors.push(tensor);
    return tensor;
  }

  #parameter([tensor]: readonly Item[]): PyTorchTensor {
    return tensor instanceof PyTorchTensor ? tensor : this.#fail("a parameter is built of no tensor");
  }

  #orderedDict([pairs = [], ...rest]: readonly Item[]): Map<PyTorchKey, Item> {
    this.#budget.spend(256, "its dicts");
    const dict = new Map<PyTorchKey, Item>();
    if (!Array.isArray(pairs) || rest.length > 0) return this.#fail("an OrderedDict is made of no list of pairs");
    for (const pair of pairs) {
      const [key, value, ...more] = Array.isArray(pair) ? pair : [];
      if (key === undefined || value === undefined || more.length > 0)
        return this.#fail("an OrderedDict is made of no list of pairs");
      this.#budget.spend(64, "its dicts");
      dict.set(checkKey(key, this.#budget.source), value);
    }
    return dict;
  }
}
