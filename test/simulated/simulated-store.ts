// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import type { Collected } from '@grit/plugin-api';
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
  #garbage = 0;

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
    this.#garbage += this.#images.get(checkpoint)?.facts.size ?? 0;
    this.#images.delete(checkpoint);
  }

  /** All that deleted images have left. */
  collect(): Collected {
    const bytes = this.#garbage;
    this.#garbage = 0;
    const used = [...this.#images.values()].reduce((sum, { facts }) => sum + facts.size, 0);
    const of = (size: number) => ({ objects: size === 0 ? 0 : 1, bytes: size });
    return { used: of(used), removed: of(bytes), waiting: of(0) };
  }
}
