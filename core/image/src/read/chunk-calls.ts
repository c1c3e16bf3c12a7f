// SPDX-License-Identifier: Apache-2.0
import type { LoadedImage } from './loaded-image.js';
import { TASK_BYTES } from './plan-tasks.js';
import type { ReadCall } from './read-call.js';
import type { ChunksReply, ChunksRequest, ChunksTarget } from './read-request.js';
import { readThreads } from './read-threads.js';

/** A range of a pack and the rows of it that are needed, as bytes of a table. */
export interface ChunkRange {
  readonly pack: number;
  readonly start: number;
  readonly end: number;
  readonly rows: Uint8Array<ArrayBuffer>;
}

/** Lets the threads read chunks of one image: from the local file of a pack where there is one, else through the store. */
export class ChunkCalls {
  readonly #free: ArrayBuffer[] = [];

  constructor(
    readonly image: LoadedImage,
    readonly call: ReadCall,
  ) {}

  /** Errors: those of the storage, GRIT_IMAGE_PART_MISSING and GRIT_IMAGE_PART_TRUNCATED of the pack's object; those of the target. */
  async read({ pack, start, end, rows }: ChunkRange, target?: ChunksTarget): Promise<ChunksReply> {
    const { packs, manifest, keys } = this.image;
    const key = keys?.pack(packs.pack(pack).name);
    const request = {
      kind: 'chunks',
      hash: manifest.hash,
      key,
      stop: this.call.stop,
      start,
      end,
      rows,
      target,
    } as const;
    const path = await packs.open(pack);
    if (path !== undefined) {
      const reply = await readThreads.call({ ...request, source: { path } }, []);
      if (reply.unreadable === undefined) return reply;
      // The store knows better what is wrong, and may know another way.
    }
    // Of one size: memory that is too small for the next range would be given up, and fresh memory costs more than a copy.
    const bytes = await packs.bytes(pack, start, end, this.#free.pop() ?? new ArrayBuffer(TASK_BYTES));
    const through: ChunksRequest = { ...request, source: { bytes } };
    const reply = await readThreads.call(through, [bytes]);
    if (reply.bytes !== undefined) this.#free.push(reply.bytes);
    return reply;
  }
}
