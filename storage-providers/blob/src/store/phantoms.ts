// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import type { ObjectStore } from '../object-store.js';

const MOST = 20;

/**
 * Counts how often an object was not there and could not be put for being there. Now and then another writer is the reason; some services
 * do it always where a bucket with versions has the mark of a delete.
 */
export class Phantoms {
  #met = 0;

  constructor(
    private readonly objects: ObjectStore,
    private readonly key: string,
  ) {}

  /** Throws GRIT_STORAGE_UNSUITABLE when it was too often for that. */
  meet(): void {
    this.#met += 1;
    if (this.#met < MOST) return;
    const { label } = this.objects;
    throw new GritError(
      'GRIT_STORAGE_UNSUITABLE',
      `store ${label}: ${this.key} is not there, and yet the service says that it is`,
      {
        hint: 'Where the bucket keeps versions, this service takes the mark of a delete for an object: use a bucket without versions.',
        details: { store: label },
      },
    );
  }
}
