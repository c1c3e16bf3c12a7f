// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { openImage, verifyImage, type ImageCallOptions, type ImageReader, type VerifyOptions } from '@grit/image';
import { isGritError } from '@grit/plugin-api';
import { diffImages, type ImageDiff } from './diff-images.js';
import { exportImage, type ExportedImage } from './export-image.js';
import { importImage, type ImportOptions, type ImportedImage } from './import-image.js';
import { inspectImage, type ImageReport } from './inspect-image.js';
import { listImages, type ImageSummary } from './list-images.js';
import { rekeyImages, type RekeyOptions, type RekeyedImage } from './rekey-images.js';
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
