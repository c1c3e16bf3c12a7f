// SPDX-License-Identifier: Apache-2.0
import { isGritError } from '@grit/plugin-api';
import { NO_PACK, ROW_BYTES, readRow } from '../format/chunk-row.js';
import { ChunkCalls } from './chunk-calls.js';
import type { ImageReader } from './image-reader.js';
import { loadImage } from './loaded-image.js';
import type { ReadCall } from './read-call.js';
import type { ChunksTarget } from './read-request.js';

/** Other images that may have a chunk, found by its hash. Nothing is read of them before a chunk is asked for. */
export class ChunkCopies {
  readonly #opened: (() => Promise<ChunkCalls | undefined>)[];

  constructor(copies: readonly ImageReader[], hash: string, call: ReadCall) {
    const usable = copies.filter(({ manifest }) => manifest.hash === hash);
    this.#opened = usable.map((copy) => {
      let opened: Promise<ChunkCalls | undefined> | undefined;
      return () => (opened ??= open(copy, call));
    });
  }

  /**
   * Reads the chunk of a row from the first image that has it whole. Returns false when there is none.
   * Errors: those of the target.
   * @param row bytes of the row: hash, length and zeros count
   */
  async read(row: Uint8Array, target?: ChunksTarget): Promise<boolean> {
    for (const opened of this.#opened) {
      const calls = await opened();
      if (calls !== undefined && (await readFrom(calls, row, target))) return true;
    }
    return false;
  }
}

async function open(copy: ImageReader, call: ReadCall): Promise<ChunkCalls | undefined> {
  return usable(async () => new ChunkCalls(await loadImage(copy, call.signal), call));
}

async function readFrom(calls: ChunkCalls, row: Uint8Array, target?: ChunksTarget): Promise<boolean> {
  const { table } = calls.image;
  const found = rowOfHash(table, row.subarray(0, 32));
  if (found === undefined) return false;
  const { pack, offset, stored } = found;
  const rows = Uint8Array.from(row);
  // What it is, from the one; where it is, from the other.
  rows.set(table.subarray(found.at + 40, found.at + ROW_BYTES), 40);
  const reply = await usable(() => calls.read({ pack, start: offset, end: offset + stored, rows }, target));
  return reply !== undefined && reply.corrupt.length === 0;
}

/** Undefined when the other image cannot be read either; what goes wrong at the target is thrown. */
async function usable<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    const ours = isGritError(error) && (error.code === 'GRIT_NODE_STORAGE_FULL' || error.details?.path !== undefined);
    if (ours || !isGritError(error) || error.code === 'GRIT_ABORTED') throw error;
    return undefined;
  }
}

function rowOfHash(
  table: Buffer,
  hash: Uint8Array,
): { readonly at: number; readonly pack: number; readonly offset: number; readonly stored: number } | undefined {
  // A row's hash is at a multiple of its size, anything else that looks like it is chance.
  for (let at = table.indexOf(hash); at >= 0; at = table.indexOf(hash, at + 1)) {
    if (at % ROW_BYTES !== 0) continue;
    const { pack, offset, stored } = readRow(table, at / ROW_BYTES);
    if (pack !== NO_PACK) return { at, pack, offset, stored };
  }
  return undefined;
}
