// How kernels walk through the channels of a pixel, which lie side by side: in blocks of a few vectors.
import { at } from "@stria/core";
import { loadVector, storeVector } from "../../loops/access.ts";
import type { FunctionBuilder, Local } from "../../wasm/function.ts";
import type { Push } from "../../loops/vector.ts";

/** The vectors of one block. Where the channels are no whole number of blocks the last is moved back, and computes some channels once more. */
export interface ChannelBlock {
  readonly channels: number;
  /** Channels from the first of a block to the first of each vector. */
  readonly vectors: readonly number[];
  /** Lanes of a vector that are stored: below 4 only where there are fewer channels. */
  readonly lanes: number;
}

/** Blocks of at most `mostVectors` vectors. */
export function channelBlock(channels: number, mostVectors: number): ChannelBlock {
  const count = Math.min(mostVectors, Math.ceil(channels / 4));
  const last = Math.max(0, Math.min(channels, count * 4) - 4);
  return {
    channels,
    vectors: Array.from({ length: count }, (_, vector) => Math.min(vector * 4, last)),
    lanes: Math.min(4, channels),
  };
}

function widthOf({ channels, vectors }: ChannelBlock): number {
  return Math.min(channels, vectors.length * 4);
}

/** Emits `body` for every block of a pixel; `offset` holds the bytes from the pixel's first channel to the block's. */
export function overBlocks(f: FunctionBuilder, block: ChannelBlock, offset: Local, body: () => void): void {
  const bytes = widthOf(block) * 4;
  const all = block.channels * 4;
  if (bytes === all) {
    f.i32(0).set(offset);
    return body();
  }
  const start = f.local("i32");
  const last = all - bytes;
  f.i32(0).for(
    start,
    () => f.i32(all),
    bytes,
    () => {
      f.get(start).i32(last).get(start).i32(last).op("i32.lt_u", "select").set(offset);
      body();
    },
  );
}

/** Pushes a vector of the block at `address`. */
export function loadChannels(
  f: FunctionBuilder,
  block: ChannelBlock,
  vector: number,
  address: Local,
  offset = 0,
): void {
  loadVector(f, "float32", address, 1, block.lanes, offset + at(block.vectors, vector) * 4);
}

export function storeChannels(
  f: FunctionBuilder,
  block: ChannelBlock,
  vector: number,
  address: Local,
  value: Push,
): void {
  storeVector(f, "float32", address, 1, block.lanes, value, at(block.vectors, vector) * 4);
}
