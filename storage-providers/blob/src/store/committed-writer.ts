// SPDX-License-Identifier: Apache-2.0
import { checkImageId, throwIfAborted } from '@grit/image';
import { checkPartName, type ImageStorageWriter } from '@grit/plugin-api';
import type { ObjectStore } from '../object-store.js';
import { objectsOf } from './held-objects.js';
import { readRecord } from './record-file.js';
import { raise } from './storage-error.js';

/** Writer of an image that is committed: it only compares. */
export class CommittedWriter implements ImageStorageWriter {
  constructor(
    readonly objects: ObjectStore,
    readonly id: string,
  ) {}

  async put(name: string): Promise<void> {
    // The image is there already.
    checkPartName(name);
  }

  async putFile(name: string): Promise<boolean> {
    checkPartName(name);
    return true;
  }

  /** Nothing has to be held: nothing is made of it. */
  async adopt(image: string, names: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
    checkImageId(image);
    for (const name of names) checkPartName(name);
    throwIfAborted(signal);
    const offered = await objectsOf(this.objects, image, signal);
    return names.filter((name) => offered.has(name));
  }

  async putAdopted(name: string, signal: AbortSignal): Promise<boolean> {
    checkPartName(name);
    throwIfAborted(signal);
    return true;
  }

  async commit(manifest: Uint8Array, signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    const place = { checkpoint: this.id, part: 'manifest.json' };
    const { record } = await readRecord(this.objects, this.id, signal);
    if (record?.state !== 'committed') {
      throw raise('GRIT_STEP_FENCED', 'the image was deleted', this.objects.label, place);
    }
    if (record.manifest !== undefined && Buffer.compare(record.manifest, manifest) === 0) return;
    throw raise('GRIT_IDEMPOTENCY_CONFLICT', 'it was committed with another manifest', this.objects.label, place);
  }

  async abort(): Promise<void> {
    // The image stays.
  }
}
