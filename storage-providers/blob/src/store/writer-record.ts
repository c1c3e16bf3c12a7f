// SPDX-License-Identifier: Apache-2.0
import type { GritError } from '@grit/plugin-api';
import type { ObjectStore } from '../object-store.js';
import { replaceRecord, vacateRecord } from './record-file.js';
import type { ImageRecord, RecordedObjects } from './record.js';
import { raise } from './storage-error.js';

/** How old a record of a writer gets while it puts. Collectors give up on one that is as old as their grace period. */
const RENEW_MS = 5 * 60_000;

/** A writer's record as it stands in the store. One change at a time, each on the one before; who cannot make his has been fenced. */
export class WriterRecord {
  #changes: Promise<unknown> = Promise.resolve();
  #etag: string | undefined;
  #renewedAt: number;
  #adopted: RecordedObjects;

  constructor(
    readonly objects: ObjectStore,
    readonly id: string,
    readonly token: string,
    readonly now: () => number,
    taken: { readonly etag: string; readonly startedAt: number; readonly adopted: RecordedObjects },
  ) {
    this.#etag = taken.etag;
    this.startedAt = taken.startedAt;
    this.#renewedAt = taken.startedAt;
    this.#adopted = taken.adopted;
  }

  readonly startedAt: number;

  /** GRIT_STEP_FENCED once it is known. */
  checkOwned(): void {
    if (this.#etag === undefined) throw this.fenced();
  }

  /** Writes what is held. Throws GRIT_STEP_FENCED. */
  hold(adopted: RecordedObjects, signal: AbortSignal): Promise<void> {
    return this.#oneByOne(async () => {
      if (!(await this.#replace(this.#writing(adopted), signal))) throw this.fenced();
      this.#adopted = adopted;
    });
  }

  /** Says that the writer lives, when that was last said a while ago. Whether it was fenced is told by the next call. */
  async renew(signal: AbortSignal): Promise<void> {
    if (this.now() - this.#renewedAt < RENEW_MS || this.#etag === undefined) return;
    this.#renewedAt = this.now();
    await this.#oneByOne(() => this.#replace(this.#writing(this.#adopted), signal));
  }

  /** False when another record stands there. Afterwards it is this writer's no more. */
  commit(record: ImageRecord, signal: AbortSignal): Promise<boolean> {
    return this.#oneByOne(async () => {
      const committed = await this.#replace(record, signal);
      this.#etag = undefined;
      return committed;
    });
  }

  /** Takes the record away. True: it was this writer's from its begin to this moment, and nobody else can have used what it has put. */
  vacate(signal: AbortSignal): Promise<boolean> {
    return this.#oneByOne(async () => {
      if (this.#etag === undefined) return false;
      const vacated = await vacateRecord(this.objects, this.id, this.#etag, signal);
      this.#etag = undefined;
      return vacated;
    });
  }

  fenced(): GritError {
    const what = 'the image was deleted, or another writer has begun it anew';
    return raise('GRIT_STEP_FENCED', what, this.objects.label, { checkpoint: this.id });
  }

  #writing(adopted: RecordedObjects): ImageRecord {
    this.#renewedAt = this.now();
    const { token, startedAt } = this;
    return { state: 'writing', token, startedAt, renewedAt: this.#renewedAt, adopted };
  }

  async #replace(record: ImageRecord, signal: AbortSignal): Promise<boolean> {
    if (this.#etag === undefined) return false;
    this.#etag = await replaceRecord(this.objects, this.id, { etag: this.#etag, record }, signal);
    return this.#etag !== undefined;
  }

  async #oneByOne<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#changes.then(change);
    this.#changes = result.catch(() => undefined);
    return result;
  }
}
