// SPDX-License-Identifier: Apache-2.0
import { checkImageId, throwIfAborted, untilAborted } from '@grit/image';
import { checkPartName, type ImageStorageWriter, type PutOptions } from '@grit/plugin-api';
import { changeCondemned } from '../collect/condemned.js';
import type { ObjectStore, UploadOptions } from '../object-store.js';
import { identityOf, type Begun } from './begin-writing.js';
import { CommittedWriter } from './committed-writer.js';
import { FileSource } from './file-source.js';
import { HeldObjects } from './held-objects.js';
import { isIdentity, objectKey, writerPrefix } from './object-key.js';
import { readRecord } from './record-file.js';
import type { RecordedObject } from './record.js';
import { removeBelow } from './remove-below.js';
import { naming } from './storage-error.js';
import type { WriterRecord } from './writer-record.js';

/** Puts objects under keys of its own; the commit makes them an image by one conditional write of its record. */
export class BlobWriter implements ImageStorageWriter {
  readonly #record: WriterRecord;
  readonly #held: HeldObjects;
  readonly #known: Map<string, RecordedObject>;
  readonly #before: string | undefined;
  readonly #image = new Map<string, RecordedObject>();
  /** Keys whose objects nobody else may ever use, unless they are committed. */
  readonly #plain = new Set<string>();
  #committed: CommittedWriter | undefined;
  /** Once the record was this writer's to its end, and it is gone. */
  #vacated = false;
  #aborted = false;

  constructor(
    readonly objects: ObjectStore,
    readonly id: string,
    begun: Begun,
  ) {
    this.#record = begun.record;
    this.#held = new HeldObjects(objects, begun.record, begun.adopted);
    this.#known = new Map(begun.known);
    this.#before = begun.before;
  }

  async put(name: string, data: AsyncIterable<Uint8Array>, options: PutOptions): Promise<void> {
    await this.#put(name, options, (key, upload) =>
      this.objects.uploadStream(key, untilAborted(data, options.signal), upload),
    );
  }

  async putFile(name: string, path: string, options: PutOptions): Promise<boolean> {
    if (this.#isKnown(checkPartName(name), options.identity)) {
      await this.#put(name, options, () => Promise.resolve(0));
      return true;
    }
    await using source = await FileSource.open(path);
    if (source === undefined) {
      this.#checkOwned();
      return false;
    }
    await this.#put(name, options, async (key, upload) => {
      await this.objects.upload(key, source, upload);
      return source.size;
    });
    return true;
  }

  async adopt(image: string, names: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
    checkImageId(image);
    for (const name of names) checkPartName(name);
    throwIfAborted(signal);
    if (this.#committed) return this.#committed.adopt(image, names, signal);
    this.#checkOwned();
    return this.#held.adopt(image, names, signal);
  }

  async putAdopted(name: string, signal: AbortSignal): Promise<boolean> {
    checkPartName(name);
    throwIfAborted(signal);
    if (this.#committed) return true;
    this.#checkOwned();
    const object = await this.#held.get(name, signal);
    if (object !== undefined) this.#image.set(name, object);
    return object !== undefined;
  }

  async commit(manifest: Uint8Array, signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    if (this.#committed) return this.#committed.commit(manifest, signal);
    this.#checkOwned();
    const { token, now } = this.#record;
    const objects = new Map(this.#image);
    const record = { state: 'committed', token, committedAt: now(), objects, manifest } as const;
    if (await this.#record.commit(record, signal)) {
      this.#committed = new CommittedWriter(this.objects, this.id);
      // The image is safe. What cannot be removed now a collector finds.
      await this.#removeUnnamed(signal).catch(() => undefined);
      return;
    }
    // Somebody else may have committed the same.
    const other = (await readRecord(this.objects, this.id, signal)).record;
    if (other?.state !== 'committed') throw this.#record.fenced();
    const same = other.manifest !== undefined && Buffer.compare(other.manifest, manifest) === 0;
    if (!same && other.token !== token) throw this.#record.fenced();
    this.#committed = new CommittedWriter(this.objects, this.id);
    await this.#committed.commit(manifest, signal);
  }

  async abort(signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    if (this.#committed) return;
    this.#aborted = true;
    const prefix = writerPrefix(this.id, this.#record.token);
    if (!this.#vacated) {
      // Before the record goes: whoever begins the image after that sees that nothing of this may be used any more.
      await changeCondemned(this.objects, (entries) => entries.set(prefix, this.#record.now()), signal);
      this.#vacated = await this.#record.vacate(signal);
    }
    // Otherwise the next writer may be using it.
    if (this.#vacated) await removeBelow(this.objects, prefix, signal);
  }

  async #put(
    name: string,
    { signal, identity: given, onBytes }: PutOptions,
    send: (key: string, options: UploadOptions) => Promise<number>,
  ): Promise<void> {
    checkPartName(name);
    throwIfAborted(signal);
    if (this.#committed) return;
    this.#checkOwned();
    const identity = given !== undefined && isIdentity(given) ? given : undefined;
    const known = identity === undefined ? undefined : this.#known.get(identityOf(identity, name));
    if (known !== undefined) {
      this.#image.set(name, known);
      onBytes?.(known.size);
      return;
    }
    const key = objectKey({ id: this.id, token: this.#record.token, identity, name });
    try {
      await this.#record.renew(signal);
      this.#checkOwned();
      const size = await send(key, { signal, onBytes: this.#renewing(onBytes, signal) });
      this.#image.set(name, { key, size });
      if (identity === undefined) this.#plain.add(key);
      else this.#known.set(identityOf(identity, name), { key, size });
    } catch (error) {
      throw naming(error, this.objects.label, { checkpoint: this.id, part: name });
    }
  }

  /** A large object takes its time. */
  #renewing(onBytes: PutOptions['onBytes'], signal: AbortSignal): (bytes: number) => void {
    return (bytes) => {
      // Whether that worked is told by the next call that needs it.
      this.#record.renew(signal).catch(() => undefined);
      onBytes?.(bytes);
    };
  }

  #isKnown(name: string, identity: string | undefined): boolean {
    return this.#committed !== undefined || (identity !== undefined && this.#known.has(identityOf(identity, name)));
  }

  #checkOwned(): void {
    if (this.#aborted) throw this.#record.fenced();
    this.#record.checkOwned();
  }

  /** Only what nobody else can have taken up: objects without an identity, of this writer and of the one before, who is dead. */
  async #removeUnnamed(signal: AbortSignal): Promise<void> {
    const named = new Set([...this.#image.values()].map(({ key }) => key));
    const unnamed = [...this.#plain].filter((key) => !named.has(key));
    if (unnamed.length > 0) await this.objects.delete(unnamed, signal);
    if (this.#before !== undefined) {
      await removeBelow(this.objects, `${writerPrefix(this.id, this.#before)}plain/`, signal);
    }
  }
}
