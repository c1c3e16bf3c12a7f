// SPDX-License-Identifier: Apache-2.0
import { GritError, type ImageStorageReader } from '@grit/plugin-api';
import type { ImageManifest, ManifestPack } from '../format/image-manifest.js';
import { packObject } from '../format/object-names.js';
import { readThreads } from './read-threads.js';
import { readStored } from './stored-range.js';

/** Each holds up to the 4 MiB of a task: 128 MiB of all together. */
const MOST_LANES = 32;

/** The packs of an image as a store has them. The size of each is checked once, before anything is read of it. */
export class PackFiles {
  readonly #known = new Map<number, Promise<string | undefined>>();

  constructor(
    readonly storage: ImageStorageReader,
    readonly manifest: Pick<ImageManifest, 'packs'>,
    readonly signal: AbortSignal,
  ) {}

  /** Ranges to be read at a time: as many as keep the threads busy, and more of a store that is far away. */
  get lanes(): number {
    return Math.max(readThreads.lanes, Math.min(this.storage.parallelReads ?? 0, MOST_LANES));
  }

  pack(index: number): ManifestPack {
    const pack = this.manifest.packs[index];
    if (pack === undefined) throw new RangeError(`pack ${index} of ${this.manifest.packs.length}`);
    return pack;
  }

  /**
   * The local file of a pack; undefined where there is none and the bytes come through the store.
   * Throws GRIT_IMAGE_PART_MISSING, GRIT_IMAGE_PART_TRUNCATED (shorter or longer than it was), and the errors of the storage.
   */
  open(index: number): Promise<string | undefined> {
    const known = this.#known.get(index);
    if (known !== undefined) return known;
    const opening = this.#open(this.pack(index));
    // Whoever asks for it next gets the same error.
    opening.catch(() => undefined);
    this.#known.set(index, opening);
    return opening;
  }

  /** A range of a pack, at the beginning of memory that is the caller's; `reused` is taken when it has room. */
  async bytes(index: number, start: number, end: number, reused?: ArrayBuffer): Promise<ArrayBuffer> {
    const object = packObject(this.pack(index).name);
    const bytes = reused !== undefined && reused.byteLength >= end - start ? reused : new ArrayBuffer(end - start);
    await readStored(this.storage, { object, start, end }, new Uint8Array(bytes, 0, end - start), this.signal);
    return bytes;
  }

  async #open({ name, size }: ManifestPack): Promise<string | undefined> {
    const object = packObject(name);
    const found = await this.storage.size(object, this.signal);
    if (found !== size) {
      throw new GritError('GRIT_IMAGE_PART_TRUNCATED', `${object} has ${found} bytes, not ${size}`, {
        details: { part: object, expected: size, found },
      });
    }
    return this.storage.localPath?.(object, this.signal);
  }
}
