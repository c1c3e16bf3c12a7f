// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import type { ImageFacts } from '@grit/plugin-kubernetes';
import type { Snapshot } from './observer.js';

/** A stored image. */
export interface StoredImage {
  readonly facts: ImageFacts;
  readonly snapshot: Snapshot;
}

/** Where all simulated agents store and find images: by the Checkpoint, `namespace/name`. */
export class SimulatedStore {
  readonly #images = new Map<string, StoredImage>();

  put(checkpoint: string, uid: string, snapshot: Snapshot, bytes: number): StoredImage {
    const digest = `sha256:${createHash('sha256')
      .update(`${uid} ${JSON.stringify(snapshot)}`)
      .digest('hex')}`;
    const image = { facts: { id: uid, size: bytes, stored: bytes, digest }, snapshot };
    this.#images.set(checkpoint, image);
    return image;
  }

  find(checkpoint: string): StoredImage | undefined {
    return this.#images.get(checkpoint);
  }

  delete(checkpoint: string): void {
    this.#images.delete(checkpoint);
  }
}
