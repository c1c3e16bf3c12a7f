// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { openImage, verifyImage, type ImageCallOptions, type ImageReader, type VerifyOptions } from '@grit/image';
import { GritError, isGritError, type Collected, type CollectOptions } from '@grit/plugin-api';
import { ImageObjects } from '../retention/image-objects.js';
import type { RetentionPolicy } from '../retention/retention-policy.js';
import { copyImage, type CopiedImage } from './copy-image.js';
import { diffImages, type ImageDiff } from './diff-images.js';
import { exportImage, type ExportedImage } from './export-image.js';
import { importImage, type ImportOptions, type ImportedImage } from './import-image.js';
import { inspectImage, type ImageReport } from './inspect-image.js';
import { listImages, type ImageSummary } from './list-images.js';
import type { RepackPlace } from './repack-copy.js';
import { rekeyImages, type RekeyOptions, type RekeyedImage } from './rekey-images.js';
import { storeUsage, type StoreUsage } from './store-usage.js';
import { openImageStore, type OpenStore, type OpenStoreOptions } from './open-image-store.js';

/** Images of the store that are looked at for chunks when one is imported. */
const MOST_KNOWN = 8;

/** What was verified. */
export interface VerifiedImage {
  readonly checkpoint: string;
  readonly digest: string;
  readonly parts: number;
  /** Bytes of all parts. */
  readonly size: number;
}

/** The images of a store, worked with directly: without server, agent and catalog. */
export class ImageStore {
  private constructor(
    private readonly store: OpenStore,
    private readonly workDirectory: string,
  ) {}

  /** Opens the store that the configuration names; see {@link openImageStore}. */
  static async open(options: OpenStoreOptions, signal: AbortSignal): Promise<ImageStore> {
    return new ImageStore(await openImageStore(options, signal), join(options.stateDirectory, 'image'));
  }

  /** What the server keeps of its checkpoints. */
  get retention(): RetentionPolicy {
    return this.store.retention;
  }

  /** See {@link storeUsage}. */
  usage(signal: AbortSignal): Promise<StoreUsage> {
    return storeUsage(this.store.provider, signal);
  }

  /** Objects of the images, by id; see {@link ImageObjects}. */
  objects(signal: AbortSignal): ReturnType<ImageObjects['read']> {
    return new ImageObjects(this.store.provider).read(signal);
  }

  /** See `StorageProvider.collect`. Throws GRIT_UNSUPPORTED for a store that has nothing to collect. */
  async collect(options: CollectOptions): Promise<Collected> {
    const { provider, name } = this.store;
    if (provider.collect !== undefined) return provider.collect(options);
    throw new GritError('GRIT_UNSUPPORTED', `storage ${name} has no collection of what no image needs`);
  }

  /** See {@link copyImage}. */
  copyTo(
    target: ImageStore,
    id: string,
    options: ImageCallOptions & Pick<RepackPlace, 'onWorkDirectory'>,
  ): Promise<CopiedImage> {
    const { workDirectory } = this;
    return copyImage(this.store.provider, target.store.provider, id, { ...options, workDirectory });
  }

  /** Name of the storage plugin. */
  get name(): string {
    return this.store.name;
  }

  list(signal: AbortSignal): Promise<ImageSummary[]> {
    return listImages(this.store.provider, signal);
  }

  async inspect(id: string, signal: AbortSignal): Promise<ImageReport> {
    return inspectImage(await this.#open(id, signal), signal);
  }

  async diff(from: string, to: string, signal: AbortSignal): Promise<ImageDiff> {
    return diffImages(await this.#open(from, signal), await this.#open(to, signal), signal);
  }

  /** See `verifyImage`. */
  async verify(id: string, options: ImageCallOptions & VerifyOptions): Promise<VerifiedImage> {
    const reader = await this.#open(id, options.signal);
    await verifyImage(reader, options);
    return { checkpoint: id, digest: reader.digest, parts: reader.manifest.parts.length, size: reader.size };
  }

  /** See {@link rekeyImages}. */
  rekey(options: RekeyOptions): Promise<RekeyedImage[]> {
    return rekeyImages(this.store.provider, options);
  }

  /** See {@link exportImage}. */
  async export(id: string, directory: string, options: ImageCallOptions): Promise<ExportedImage> {
    return exportImage(await this.#open(id, options.signal), directory, options);
  }

  /** See {@link importImage}. */
  async import(directory: string, options: Omit<ImportOptions, 'known' | 'workDirectory'>): Promise<ImportedImage> {
    const known = await this.#newest(options.signal);
    return importImage(this.store.provider, directory, { ...options, known, workDirectory: this.workDirectory });
  }

  /** Never throws. */
  close(): Promise<void> {
    return this.store.close();
  }

  #open(id: string, signal: AbortSignal): Promise<ImageReader> {
    return openImage(this.store.provider, id, signal);
  }

  /** The images that were stored last, as far as they can be opened: a damaged one only costs room. */
  async #newest(signal: AbortSignal): Promise<ImageReader[]> {
    const images = await this.list(signal);
    const usable = images.filter(({ about }) => about !== undefined).slice(0, MOST_KNOWN);
    const opened = await Promise.all(
      usable.map(({ id }) =>
        this.#open(id, signal).catch((error: unknown) => {
          if (isGritError(error) && error.code !== 'GRIT_ABORTED') return undefined;
          throw error;
        }),
      ),
    );
    return opened.filter((reader) => reader !== undefined);
  }
}
