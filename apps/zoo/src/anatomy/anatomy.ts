// What is drawn and told of a model: plain data, so that a worker can send it and a script can draw it.

/** What one unit sees of an axis of the input. */
export interface Field {
  readonly field: number;
  readonly jump: number;
  readonly start: number;
}

export type BoxKind =
  | "input"
  | "conv"
  | "transposed"
  | "dense"
  | "pool"
  | "resize"
  | "recurrent"
  | "embedding"
  | "join"
  | "other";

/** A map of the model with what makes it: a layer, a pooling or a resizing, or the place where branches meet. */
export interface Box {
  /** Its place among the boxes. */
  readonly id: number;
  /** Its place among the boxes before equal blocks were folded. */
  readonly origin: number;
  readonly kind: BoxKind;
  /** Path of the layer; of a meeting of branches that of the module around it. */
  readonly path: string;
  /** What is done, in few signs: "3×3 conv, /2". */
  readonly label: string;
  /** The same in words: "3×3 convolution, stride 2". */
  readonly words: string;
  /** What follows before the next box: "batch norm", "ReLU". */
  readonly after: readonly string[];
  /** Shape of the map, without the batch axis. */
  readonly shape: readonly number[];
  /** Whether the channels are its last axis. */
  readonly channelsLast: boolean;
  /** Boxes that it is made of. */
  readonly inputs: readonly number[];
  readonly parameters: number;
  readonly multiplyAdds: number;
  /** What one unit sees of each spatial axis of the input; null where nothing is followed. */
  readonly fields: readonly Field[] | null;
  /** Path of the module whose output is this map (activations and the like included); null where there is none. */
  readonly maps: string | null;
  /** How many equal blocks, one after the other, the box stands for. */
  readonly repeat: number;
}

export interface Anatomy {
  readonly boxes: readonly Box[];
  readonly parameters: number;
  readonly multiplyAdds: number;
}

/** A map's size by what its axes mean; a vector has only channels. */
export interface MapSize {
  readonly channels: number;
  readonly frames: number;
  readonly height: number;
  readonly width: number;
  readonly isVector: boolean;
}

export function mapSize({ shape, channelsLast }: Pick<Box, "shape" | "channelsLast">): MapSize {
  const axes = channelsLast && shape.length > 1 ? [shape.at(-1) ?? 1, ...shape.slice(0, -1)] : shape;
  const [channels = 1, ...spatial] = axes;
  const [width = 1, height = 1] = spatial.length === 1 ? [1, spatial[0]] : spatial.toReversed();
  return {
    channels,
    frames: spatial.length > 2 ? (spatial[0] ?? 1) : 1,
    height,
    width,
    isVector: spatial.length === 0,
  };
}

/** 64 × 56 × 56. */
export function showSize(shape: readonly number[]): string {
  return shape.length === 0 ? "1" : shape.join(" × ");
}
