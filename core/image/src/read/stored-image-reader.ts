// SPDX-License-Identifier: Apache-2.0
import { GritError, toGritError, type ImageStorageReader } from '@grit/plugin-api';
import type { ImageKeys } from '../crypto/image-keys.js';
import { SEAL_BYTES } from '../crypto/sealed-bytes.js';
import { damaged } from '../damage.js';
import { checkTable } from '../format/check-table.js';
import { ROW_BYTES } from '../format/chunk-row.js';
import type { ImageManifest, ManifestPart } from '../format/image-manifest.js';
import { TABLE_OBJECT } from '../format/object-names.js';
import { abortError } from '../stream/until-aborted.js';
import type { ImageReader } from './image-reader.js';
import { PackFiles } from './pack-files.js';
import { readRows } from './read-rows.js';
import { RowPlaces } from './row-places.js';
import { readStored } from './stored-range.js';

/** Reads an image of format 2. */
export class StoredImageReader implements ImageReader {
  readonly size: number;
  readonly #parts: ReadonlyMap<string, ManifestPart>;
  #table: Buffer | undefined;
  #places: RowPlaces | undefined;

  constructor(
    readonly storage: ImageStorageReader,
    readonly manifest: ImageManifest,
    readonly digest: string,
    readonly keys?: ImageKeys,
  ) {
    this.#parts = new Map(manifest.parts.map((part) => [part.name, part]));
    this.size = manifest.parts.reduce((sum, { size }) => sum + size, 0);
  }

  async table(signal: AbortSignal): Promise<Buffer> {
    if (this.#table !== undefined) return this.#table;
    try {
      const rows = this.manifest.table.rows * ROW_BYTES;
      const expected = this.keys === undefined ? rows : rows + SEAL_BYTES;
      const found = await this.storage.size(TABLE_OBJECT, signal);
      if (found !== expected) {
        const what = `has ${found} bytes, not ${expected}`;
        throw damaged('GRIT_IMAGE_PART_TRUNCATED', TABLE_OBJECT, this.manifest.checkpoint, what, { expected, found });
      }
      // Memory of its own, so that it begins at a word: there its rows are read much faster.
      const stored = Buffer.allocUnsafeSlow(expected);
      if (expected > 0)
        await readStored(this.storage, { object: TABLE_OBJECT, start: 0, end: expected }, stored, signal);
      const table = this.keys === undefined ? stored : await this.keys.unseal('table', stored, signal);
      if (table === undefined) {
        const what = 'is not what was encrypted';
        throw damaged('GRIT_IMAGE_PART_CORRUPT', TABLE_OBJECT, this.manifest.checkpoint, what);
      }
      await checkTable(this.manifest, table, signal);
      this.#table = table;
      return table;
    } catch (error) {
      throw signal.aborted ? abortError(signal) : toGritError(error, 'GRIT_STORAGE_IO');
    }
  }

  async *read(
    name: string,
    range: { readonly start: number; readonly end: number },
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array, void> {
    const part = this.#parts.get(name);
    if (part === undefined) {
      throw damaged('GRIT_IMAGE_PART_MISSING', name, this.manifest.checkpoint, 'is not in the manifest');
    }
    checkRange(range, part);
    if (range.start === range.end) return;
    const table = await this.table(signal);
    const places = (this.#places ??= new RowPlaces(this.manifest.parts, table));
    const packs = new PackFiles(this.storage, this.manifest, signal);
    yield* readRows({ manifest: this.manifest, keys: this.keys, table, places, packs }, part, range, signal);
  }
}

function checkRange({ start, end }: { readonly start: number; readonly end: number }, part: ManifestPart): void {
  if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && 0 <= start && start <= end && end <= part.size)
    return;
  throw new GritError('GRIT_REQUEST_INVALID', `part ${part.name} of ${part.size} bytes has no range ${start}-${end}`, {
    details: { part: part.name },
  });
}
