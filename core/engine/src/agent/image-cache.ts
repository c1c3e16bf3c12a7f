// SPDX-License-Identifier: Apache-2.0
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bootId, fetchImage, openImage } from '@grit/image';
import type { LocalPart, Logger, Progress, ProgressListener, RuntimeRecord, StorageProvider } from '@grit/plugin-api';
import { bytesOnDisk, CachedImage, namesIn } from './cached-image.js';
import type { NodeDirectories } from './node-directories.js';
import { SharedWork } from './shared-work.js';
import { requireDigest } from './steps/store.js';
import { surplusOf, type ImageCacheLimits } from './trim-images.js';

/** An image of a store. */
export interface WantedImage {
  readonly checkpoint: string;
  /** The manifest must have this digest. */
  readonly digest?: string | undefined;
  readonly storage: StorageProvider;
}

/** An image on this disk, verified when it was fetched. */
export interface LocalImage {
  readonly directory: string;
  readonly parts: readonly LocalPart[];
  readonly runtime: RuntimeRecord;
}

interface FetchContext {
  readonly signal: AbortSignal;
  readonly onProgress: ProgressListener;
}

/** How often one looks whether images have become too many or too old. */
const TRIM_MS = 10 * 60_000;
/** So long after its prefetch an image is kept for the restore, whatever the quota. */
const AWAITED_MS = 10 * 60_000;
/** An order for a restore follows that for a prefetch; in between nobody waits for the fetch. */
const LINGER_MS = 10_000;

/**
 * The images on the disk of this node: fetched once however many want them, ahead of a restore if somebody says so, kept while a restore uses them,
 * and after that within limits, the last used first. What is on the disk counts until the machine starts anew: it is not made durable.
 */
export class ImageCache {
  readonly #fetches = new SharedWork<LocalImage, Progress>(LINGER_MS);
  readonly #timer: NodeJS.Timeout;
  /** Until when a restore is expected that has not come, by performance.now(). */
  readonly #awaited = new Map<string, number>();
  /** Images are taken and removed one at a time. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly directories: NodeDirectories,
    private readonly limits: ImageCacheLimits,
    private readonly logger: Logger,
  ) {
    this.#timer = setInterval(() => void this.trim(), TRIM_MS).unref();
  }

  /** Fetches an image that a restore will want. Errors: those of `openImage` and `fetchImage`. */
  async prefetch(image: WantedImage, context: FetchContext): Promise<void> {
    await this.#get(image, context);
    this.#awaited.set(image.checkpoint, performance.now() + AWAITED_MS);
    await this.trim();
  }

  /** The image, for this restore until it is given back. Errors: those of `openImage` and `fetchImage`. */
  async take(image: WantedImage, restore: string, context: FetchContext): Promise<LocalImage> {
    const { users } = this.#entry(image.checkpoint);
    await mkdir(this.directories.restore(restore), { recursive: true, mode: 0o700 });
    await this.#alone(async () => {
      await mkdir(users, { recursive: true, mode: 0o700 });
      await writeFile(join(users, restore), '');
    });
    this.#awaited.delete(image.checkpoint);
    return this.#get(image, context);
  }

  /** The restore needs its image no more. */
  async giveBack(restore: string): Promise<void> {
    for (const image of await CachedImage.all(this.directories)) await image.giveBack(restore);
    await this.trim();
  }

  /** Removes an image that is wanted no more, unless somebody uses it: then it goes with the others. */
  async drop(checkpoint: string): Promise<void> {
    await this.#alone(async () => {
      const restores = new Set(await namesIn(this.directories.restores));
      const image = this.#entry(checkpoint);
      if (!this.#fetches.has(checkpoint) && !(await image.isUsed(restores))) await image.remove();
    });
  }

  /**
   * Removes what is too much or too old, and what is in the way of bytes that are about to be written. Never throws: what cannot be removed
   * today is removed next time.
   */
  async trim(needed = 0): Promise<void> {
    const { directories, limits, logger } = this;
    await this.#alone(async () => {
      await mkdir(directories.images, { recursive: true, mode: 0o700 });
      const restores = new Set(await namesIn(directories.restores));
      const unused: CachedImage[] = [];
      for (const image of await CachedImage.all(directories)) {
        if (!this.#fetches.has(image.checkpoint) && !(await image.isUsed(restores))) unused.push(image);
      }
      const expected = { bytes: needed, isAwaited: (id: string) => this.#isAwaited(id) };
      for (const { image, reason } of await surplusOf(unused, limits, directories.images, expected)) {
        await image.remove();
        logger.info('image removed from this node', { checkpoint: image.checkpoint, reason });
      }
    }).catch((error: unknown) => logger.warn('images are not removed', { reason: String(error) }));
  }

  /** Ends all fetches: they go on in the next agent. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#fetches.close();
    await this.#queue;
  }

  async #get(image: WantedImage, { signal, onProgress }: FetchContext): Promise<LocalImage> {
    const { checkpoint, digest } = image;
    const entry = this.#entry(checkpoint);
    for (;;) {
      const found = await entry.read();
      if (found !== undefined && (digest === undefined || found.digest === digest)) {
        await entry.touch();
        return { ...found, directory: entry.files };
      }
      const joined = this.#fetches.has(checkpoint);
      try {
        const work = (stop: AbortSignal, tell: ProgressListener): Promise<LocalImage> =>
          this.#fetch(entry, image, { signal: stop, onProgress: tell });
        return await this.#fetches.run(checkpoint, work, signal, onProgress);
      } catch (error) {
        // Somebody else's way to the store has failed; there is this one.
        if (!joined || signal.aborted) throw error;
      }
    }
  }

  async #fetch(
    entry: CachedImage,
    { checkpoint, digest, storage }: WantedImage,
    context: FetchContext,
  ): Promise<LocalImage> {
    await mkdir(entry.files, { recursive: true, mode: 0o700 });
    const reader = await openImage(storage, checkpoint, context.signal);
    if (digest !== undefined) requireDigest(reader.digest, digest, checkpoint);
    await this.trim(reader.size);
    const parts = await fetchImage(reader, entry.files, { ...context, durable: false });
    const { runtime } = reader.manifest;
    const bytes = await bytesOnDisk(parts);
    await entry.write({ digest: reader.digest, parts, runtime, bytes, boot: bootId() });
    return { directory: entry.files, parts, runtime };
  }

  #isAwaited(checkpoint: string): boolean {
    const until = this.#awaited.get(checkpoint);
    if (until !== undefined && until > performance.now()) return true;
    this.#awaited.delete(checkpoint);
    return false;
  }

  #entry(checkpoint: string): CachedImage {
    return new CachedImage(checkpoint, this.directories.image(checkpoint));
  }

  async #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => undefined);
    return done;
  }
}
