// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import {
  GritError,
  checkPartName,
  toGritError,
  type KeyProvider,
  type PageSink,
  type PartKind,
  type PartSource,
  type ProgressListener,
  type WrappedKey,
} from '@grit/plugin-api';
import { WRITE_HASH } from '../chunk/chunk-hash.js';
import { newDataKey } from '../crypto/data-key.js';
import { SEAL_BYTES } from '../crypto/sealed-bytes.js';
import { namingPart } from '../damage.js';
import { ROW_BYTES } from '../format/chunk-row.js';
import type { HashName } from '../format/image-manifest.js';
import { ByteMeter } from '../stream/byte-meter.js';
import { abortError, throwIfAborted } from '../stream/until-aborted.js';
import { checkUnchanged, fileState } from './file-state.js';
import { joinParts } from './join-parts.js';
import type { KnownChunks } from './known-chunks.js';
import { leftPacks, removePacks } from './left-packs.js';
import { makeDurable } from './make-durable.js';
import { PackControl } from './pack-control.js';
import type { PackCrew } from './pack-crew.js';
import { DEFAULT_LIMITS, type PackLimits } from './pack-limits.js';
import type { Compression, FoundPack, PackedRows, PackSetup } from './pack-request.js';
import { packThreads } from './pack-threads.js';
import type { PackedImage, UsedPack } from './packed-image.js';
import { packedKeys, type PackedKeys } from './packed-keys.js';
import { PackingSink } from './packing-sink.js';
import type { FinishedPack } from './pack-writer.js';
import { PartRows } from './part-rows.js';
import type { ReadBack } from './read-back.js';
import { rememberKnown } from './remember-known.js';
import type { SlabPages } from './slab-pages.js';
import { SlabPool } from './slab-pool.js';

export type { PackedImage, UsedPack } from './packed-image.js';

/** The key of an image that is packed. */
interface ImageKey {
  readonly dataKey: Uint8Array;
  readonly wrapped: WrappedKey;
}

/** Options of {@link Packer.open}. */
export interface PackerOptions {
  /** Where packs are written: this image's alone. */
  readonly directory: string;
  /** Chunks of other images, which need not be written again: what `knownPacks` gave. */
  readonly known?: KnownChunks | undefined;
  readonly signal: AbortSignal;
  readonly limits?: Partial<PackLimits> | undefined;
  /** Default `auto`. */
  readonly compression?: Compression | undefined;
  /** Told of the bytes of parts that are packed, phase `store`. */
  readonly onProgress?: ProgressListener | undefined;
  /** Begins its threads before `open` returns: for a packer that must not keep anybody waiting later. Default false. */
  readonly warm?: boolean | undefined;
  /**
   * Reads each pack back from the disk as soon as it is complete, beside the packing, where the mount has direct reads. Then `verifyImage` need
   * not do it again. Default false.
   */
  readonly readBack?: boolean | undefined;
  /** Default: {@link WRITE_HASH}. */
  readonly hash?: HashName | undefined;
  /** Encrypts the image with a data key of its own that the current one of these keys wraps. Default: not encrypted. */
  readonly keys?: KeyProvider | undefined;
}

/**
 * Packs the parts of one image: cuts them into chunks, and writes those that are in no known pack into packs of its own. The work is
 * done by threads that all packers of the process share; this one only hands out memory and joins rows.
 *
 * The first failure, or the abort, ends all of it: every call throws it then. Packs that were finished stay in the directory, and the
 * next packer uses them; {@link discard} removes them.
 */
export class Packer {
  readonly #setup: PackSetup;
  readonly #crew: PackCrew;
  readonly #control: PackControl;
  readonly #slabs: SlabPool;
  readonly #parts = new Map<string, PartRows>();
  readonly #packs = new Map<number, UsedPack>();
  readonly #key: ImageKey | undefined;
  /** Keys of packs, by name. */
  readonly #keys = new Map<string, Uint8Array>();
  readonly #sinks: PackingSink[] = [];
  readonly #running = new Set<Promise<unknown>>();
  readonly #readBacks: Promise<void>[] = [];
  readonly #failed = Promise.withResolvers<never>();
  readonly #meter: ByteMeter;
  #failure: GritError | undefined;
  #finishing = false;
  #released: Promise<void> | undefined;
  #data = 0;
  #fresh = 0;

  private constructor(
    readonly options: PackerOptions,
    key: ImageKey | undefined,
  ) {
    this.#key = key;
    const { directory, signal, limits, compression = 'auto', hash = WRITE_HASH, onProgress } = options;
    const all: PackLimits = { ...DEFAULT_LIMITS, ...limits };
    this.#control = new PackControl();
    this.#setup = {
      directory,
      hash,
      encrypted: key !== undefined,
      compression,
      limits: all,
      index: packThreads.takeIndex(all.indexEntries),
      control: this.#control.memory,
    };
    this.#crew = packThreads.join(this.#setup);
    this.#slabs = new SlabPool(all, packThreads, this.#control);
    this.#meter = new ByteMeter('store', undefined, onProgress);
    this.#failed.promise.catch(() => undefined);
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /**
   * Begins to pack. Packs that an earlier packer finished in the directory are read, and what is good of them need not be written
   * again; unfinished ones are removed, and with `keys` all of them: their keys were never written down.
   * Errors: those of the storage, see codedPackError; GRIT_KEY_UNAVAILABLE; GRIT_ABORTED.
   */
  static async open(options: PackerOptions): Promise<Packer> {
    throwIfAborted(options.signal);
    const { directory, keys, signal } = options;
    // Before anything stands still for it.
    const key = keys && (await newDataKey(keys, signal));
    let left = await leftPacks(directory);
    if (key !== undefined) {
      await removePacks(directory);
      left = [];
    }
    throwIfAborted(signal);
    const packer = new Packer(options, key);
    try {
      await Promise.all([packer.#find(left), options.warm === true && packer.#track(packer.#crew.begin())]);
      return packer;
    } catch (error) {
      await packer.#release();
      throw error;
    }
  }

  /** Makes packs that were finished with `durable: false` survive a power failure. Errors: see codedPackError; GRIT_ABORTED. */
  static makeDurable(
    directory: string,
    packs: readonly Pick<UsedPack, 'name' | 'own'>[],
    signal: AbortSignal,
  ): Promise<void> {
    return makeDurable(directory, packs, signal);
  }

  /** Opens a way for pages to come in, each for one connection. Its parts are of the kind `memory`. */
  openPages(): PageSink {
    this.#check();
    const sink = new PackingSink({
      slabs: this.#slabs,
      beginPart: (name) => this.#beginPart(name, 'memory'),
      send: (slab) => void this.#track(this.#packSlab(slab)).catch(() => undefined),
    });
    this.#sinks.push(sink);
    return sink;
  }

  /**
   * Packs a regular file. Several calls at a time are fine. Errors: GRIT_IMAGE_MANIFEST_INVALID for a bad or doubled name;
   * GRIT_IMAGE_PART_MISSING; GRIT_IMAGE_PART_CORRUPT for a file that cannot be read or changes meanwhile; those of the storage.
   */
  async addFile(part: PartSource): Promise<void> {
    this.#check();
    const rows = this.#beginPart(part.name, part.kind);
    const work = this.#track(this.#packFile(part.path, rows).catch(named(part.name)));
    await Promise.race([work, this.#failed.promise]);
  }

  /**
   * Waits for all that was added, completes the packs, and says what the image consists of. Nothing can be added after.
   * @param options - durable: whether the packs survive a power failure when this returns; default true. See {@link makeDurable}.
   * Errors: what went wrong with any part or pack; GRIT_ABORTED.
   */
  async finish({ durable = true }: { readonly durable?: boolean } = {}): Promise<PackedImage> {
    this.#check();
    this.#finishing = true;
    const work = this.#finish(durable).catch((error: unknown) => {
      this.#fail(toGritError(error));
      throw this.#failure ?? error;
    });
    return Promise.race([work, this.#failed.promise]);
  }

  /** Ends it, and removes what it and earlier packers left in the directory. Idempotent. */
  async discard(): Promise<void> {
    this.#fail(new GritError('GRIT_ABORTED', 'the packer was discarded'));
    await this.#release();
    await removePacks(this.#setup.directory);
  }

  readonly #onAbort = (): void => this.#fail(abortError(this.options.signal));

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#finishing) throw new GritError('GRIT_INTERNAL', 'the packer is finished');
  }

  #beginPart(name: string, kind: PartKind): PartRows {
    this.#check();
    if (this.#parts.has(checkPartName(name))) {
      throw new GritError('GRIT_IMAGE_MANIFEST_INVALID', `two parts have the name ${name}`);
    }
    const part = new PartRows(name, kind);
    this.#parts.set(name, part);
    return part;
  }

  /** Finds the chunks of known images and of packs that were left. */
  async #find(left: readonly string[]): Promise<void> {
    const { known } = this.options;
    await Promise.all([...left.map((name) => this.#findLeft(name)), known && this.#findKnown(known)]);
  }

  async #findLeft(name: string): Promise<void> {
    const number = this.#control.nextNumber();
    const path = join(this.#setup.directory, name);
    const found = await this.#track(this.#crew.run<FoundPack>({ kind: 'pack', path, name, number }));
    if (found !== undefined) this.#packs.set(number, { name, size: found.size, index: found.index, own: true });
  }

  async #findKnown(known: KnownChunks): Promise<void> {
    // Keys of packs never come into a manifest in clear, and plain packs never into one that promises that all is encrypted.
    if ((known.keys !== undefined) !== this.#setup.encrypted) return;
    for (const [name, key] of known.keys ?? []) this.#keys.set(name, key);
    const packs = await this.#track(rememberKnown(this.#crew, this.#control, known));
    for (const [number, pack] of packs) this.#packs.set(number, pack);
  }

  async #packSlab(slab: SlabPages): Promise<void> {
    const { segments, parts } = slab.describe();
    if (this.#failure !== undefined || slab.empty) {
      this.#slabs.giveBack(slab.bytes.buffer);
      return;
    }
    const pieces = parts.map((part) => part.reserve());
    let back: ArrayBuffer | undefined;
    try {
      const bytes = slab.bytes.buffer;
      const packed = await this.#crew.run<PackedRows>(
        { kind: 'slab', slab: bytes, segments: segments.buffer },
        { transfer: [bytes, segments.buffer], urgent: true },
      );
      back = packed.slab;
      this.#take(packed, (rows, index) => parts[index]?.fill(pieces[index] ?? 0, rows));
    } finally {
      if (back === undefined) this.#slabs.lose();
      else this.#slabs.giveBack(back);
    }
  }

  async #packFile(path: string, part: PartRows): Promise<void> {
    const { cached, ...file } = await fileState(path);
    part.size = file.size;
    const { rangeBytes } = this.#setup.limits;
    const ranges: Promise<void>[] = [];
    for (let start = 0; start < file.size; start += rangeBytes) {
      const piece = part.reserve();
      const end = Math.min(start + rangeBytes, file.size);
      const run = async (): Promise<void> => {
        const packed = await this.#crew.run<PackedRows>({ kind: 'file', file, start, end, cached });
        this.#take(packed, (rows) => part.fill(piece, rows));
      };
      ranges.push(this.#track(run().catch(named(part.name))));
    }
    await Promise.all(ranges);
    await checkUnchanged(file);
  }

  #take({ rows, counts, data, fresh, packs }: PackedRows, each: (rows: Buffer, index: number) => void): void {
    this.#data += data;
    this.#fresh += fresh;
    for (const pack of packs) {
      const { number, name, size, index, key } = pack;
      this.#packs.set(number, { name, size, index, own: true });
      if (key !== undefined) this.#keys.set(name, key);
      if (this.options.readBack === true) this.#readBack(pack);
    }
    let at = 0;
    counts.forEach((count, index) => {
      const bytes = count * ROW_BYTES;
      const piece = Buffer.from(rows, at, bytes);
      each(piece, index);
      at += bytes;
      let length = 0;
      for (let row = 32; row < bytes; row += ROW_BYTES) length += piece.readUInt32LE(row);
      this.#meter.add(length);
    });
  }

  /** The packer goes on while a disk is slow; what comes back wrong ends it. */
  #readBack({ number, name, size, index, key }: FinishedPack): void {
    const path = join(this.#setup.directory, name);
    const work = this.#crew.run<ReadBack | undefined>({ kind: 'read-back', path, name, index, key }).then(
      (readBack) => {
        if (readBack !== undefined) this.#packs.set(number, { name, size, index, own: true, readBack });
      },
      (error: unknown) => {
        this.#fail(toGritError(error));
        throw error;
      },
    );
    work.catch(() => undefined);
    this.#readBacks.push(work);
  }

  async #finish(durable: boolean): Promise<PackedImage> {
    const { hash, directory } = this.#setup;
    for (const sink of this.#sinks) await sink.flush();
    await Promise.all(this.#running);
    const ended = await this.#crew.everywhere<PackedRows>({ kind: 'finish' });
    for (const packed of ended) this.#take(packed, () => undefined);
    await Promise.all(this.#readBacks);
    const { table, parts, packs } = await joinParts(hash, this.#parts.values(), this.#packs);
    const own = packs.filter((pack) => pack.own);
    await removePacks(directory, new Set(own.map(({ name }) => name)));
    if (durable) await makeDurable(directory, packs, this.options.signal);
    this.#meter.finish();
    const encryption = await this.#encryption(packs);
    const tableBytes = table.length + (encryption === undefined ? 0 : SEAL_BYTES);
    const stored = own.reduce((sum, { size }) => sum + size, tableBytes);
    await this.#release();
    const bytes = { data: this.#data, fresh: this.#fresh, stored };
    return { hash, table, parts, packs, bytes, ...(encryption !== undefined && { encryption }) };
  }

  async #encryption(packs: readonly UsedPack[]): Promise<PackedKeys | undefined> {
    if (this.#key === undefined) return undefined;
    const keys = packs.map(({ name }) => {
      const key = this.#keys.get(name);
      if (key === undefined) throw new GritError('GRIT_INTERNAL', `pack ${name} has no key`);
      return key;
    });
    return packedKeys(this.#key.wrapped, this.#key.dataKey, keys, this.options.signal);
  }

  /** Watches work: whoever else waits for it, its failure ends the packer. */
  #track<T>(work: Promise<T>): Promise<T> {
    const tracked = work.catch((error: unknown) => {
      this.#fail(toGritError(error));
      throw this.#failure ?? error;
    });
    this.#running.add(tracked);
    tracked.catch(() => undefined).finally(() => this.#running.delete(tracked));
    return tracked;
  }

  #fail(error: GritError): void {
    if (this.#failure !== undefined || this.#released !== undefined) return;
    this.#failure = error;
    this.#control.stop();
    this.#crew.cancel(error);
    this.#slabs.fail(error);
    this.#failed.reject(error);
    void this.#release();
  }

  /** Ends what the threads do for this packer, once. Never fails: what it could not end, ended by itself. */
  #release(): Promise<void> {
    return (this.#released ??= (async () => {
      this.options.signal.removeEventListener('abort', this.#onAbort);
      this.#control.stop();
      this.#crew.cancel(new GritError('GRIT_ABORTED', 'the packer has ended'));
      if (this.#failure !== undefined) await Promise.allSettled([...this.#running]);
      await this.#crew.leave().catch(() => undefined);
    })());
  }
}

/** The first failure ends the packer, and each call throws it: it has to say whose it is. */
function named(part: string): (error: unknown) => never {
  return (error) => {
    throw namingPart(error, part);
  };
}
