// SPDX-License-Identifier: Apache-2.0
import { readCondemned } from '../collect/condemned.js';
import type { ObjectStore } from '../object-store.js';
import { readRecord } from './record-file.js';
import type { RecordedObject, RecordedObjects } from './record.js';
import type { WriterRecord } from './writer-record.js';

/** Objects of other images that a writer holds on to: its record names them, so no collector removes them. */
export class HeldObjects {
  #held: ReadonlyMap<string, RecordedObject>;
  /** Names of those that were seen to be there while the record named them. */
  readonly #seen = new Set<string>();
  #adopting: Promise<unknown> = Promise.resolve();

  constructor(
    readonly objects: ObjectStore,
    readonly record: WriterRecord,
    inherited: RecordedObjects,
  ) {
    this.#held = inherited;
  }

  /** See ImageStorageWriter. One call at a time, as each writes all that is held. */
  adopt(image: string, names: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
    const result = this.#adopting.then(() => this.#adopt(image, names, signal));
    this.#adopting = result.catch(() => undefined);
    return result;
  }

  /** An object that is held and there; else undefined. */
  async get(name: string, signal: AbortSignal): Promise<RecordedObject | undefined> {
    const object = this.#held.get(name);
    if (object === undefined || this.#seen.has(name)) return object;
    // Of a writer before, who may have died before it knew.
    const found = await this.objects.head(object.key, signal);
    if (found?.size !== object.size) return undefined;
    this.#seen.add(name);
    return object;
  }

  async #adopt(image: string, names: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
    this.record.checkOwned();
    const offered = await objectsOf(this.objects, image, signal);
    const wanted = new Map([...offered].filter(([name]) => names.includes(name) && !this.#seen.has(name)));
    if (wanted.size > 0) {
      const held = new Map([...this.#held, ...wanted]);
      await this.record.hold(held, signal);
      this.#held = held;
      // Only now: a collector that had not seen our record has written its list before, and we see it here. One that has removed objects
      // and their entries meanwhile could do so only because the other image was gone.
      const condemned = await readCondemned(this.objects, signal);
      const still = await objectsOf(this.objects, image, signal);
      for (const [name, { key }] of wanted) {
        if (!condemned.has(key) && still.get(name)?.key === key) this.#seen.add(name);
      }
      this.#held = new Map([...held].filter(([name]) => !wanted.has(name) || this.#seen.has(name)));
    }
    return names.filter((name) => offered.has(name) && this.#seen.has(name));
  }
}

/** None for an image that is not committed. */
export async function objectsOf(objects: ObjectStore, image: string, signal: AbortSignal): Promise<RecordedObjects> {
  const { record } = await readRecord(objects, image, signal);
  return record?.state === 'committed' ? record.objects : new Map<string, RecordedObject>();
}
