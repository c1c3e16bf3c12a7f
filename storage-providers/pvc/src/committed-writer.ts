// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import type { ImageStorageWriter } from '@grit/plugin-api';
import { syncDirectory } from './durable.js';
import { raise } from './storage-error.js';
import type { StoreDirectory } from './store-directory.js';

/** Writer of an image that is committed: it only compares. */
export class CommittedWriter implements ImageStorageWriter {
  constructor(
    readonly store: StoreDirectory,
    readonly id: string,
  ) {}

  async put(): Promise<void> {
    // The image is there already.
  }

  async putFile(): Promise<boolean> {
    return true;
  }

  async commit(manifest: Uint8Array): Promise<void> {
    const action = { checkpoint: this.id, part: 'manifest.json', writes: true };
    try {
      const known = await readFile(this.store.manifest(this.id));
      // The one who committed may have crashed before its last step.
      if (known.equals(manifest)) {
        await syncDirectory(this.store.images);
        return;
      }
    } catch (error) {
      throw await this.store.errorOf(error, action);
    }
    throw raise('GRIT_IDEMPOTENCY_CONFLICT', 'it was committed with another manifest', this.store.path, action);
  }

  async abort(): Promise<void> {
    // After a commit there is nothing to take back.
  }
}
