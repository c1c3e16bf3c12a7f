// SPDX-License-Identifier: Apache-2.0
import { ROW_BYTES, SEAL_BYTES, openImage, type ImageReader } from '@grit/image';
import { isGritError, type StorageProvider } from '@grit/plugin-api';
import type { CountedObject } from './plan-retention.js';

/** The objects of an image, by its manifest alone: packs, which have the same name in every image that has them, and its own table. */
export function objectsOf({ manifest, keys }: Pick<ImageReader, 'manifest' | 'keys'>): CountedObject[] {
  const packs = manifest.packs.map(({ name, size }) => ({ key: name, size }));
  const table = manifest.table.rows * ROW_BYTES + (keys === undefined ? 0 : SEAL_BYTES);
  return [...packs, { key: `${manifest.checkpoint}/rows`, size: table }];
}

/** Objects of the images of a store. What a manifest says never changes, so each is read once. */
export class ImageObjects {
  readonly #known = new Map<string, readonly CountedObject[]>();

  constructor(private readonly provider: StorageProvider) {}

  /** By id, of all committed images. One that cannot be opened counts as one object of its whole size. */
  async read(signal: AbortSignal): Promise<ReadonlyMap<string, readonly CountedObject[]>> {
    const found = new Map<string, readonly CountedObject[]>();
    for await (const { id, size } of this.provider.list(signal)) {
      const objects = this.#known.get(id) ?? (await this.#open(id, signal));
      found.set(id, objects ?? [{ key: id, size }]);
      if (objects !== undefined) this.#known.set(id, objects);
    }
    for (const id of this.#known.keys()) if (!found.has(id)) this.#known.delete(id);
    return found;
  }

  async #open(id: string, signal: AbortSignal): Promise<readonly CountedObject[] | undefined> {
    try {
      return objectsOf(await openImage(this.provider, id, signal));
    } catch (error) {
      if (signal.aborted || (isGritError(error) && error.code.startsWith('GRIT_STORAGE_'))) throw error;
      return undefined;
    }
  }
}
