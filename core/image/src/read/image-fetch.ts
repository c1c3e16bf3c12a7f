// SPDX-License-Identifier: Apache-2.0
import type { LocalPart } from '@grit/plugin-api';
import { NO_PACK, ROW_BYTES } from '../format/chunk-row.js';
import { inLanes } from '../stream/in-lanes.js';
import type { ImageCallOptions } from '../image-call-options.js';
import { ByteMeter } from '../stream/byte-meter.js';
import { throwIfAborted } from '../stream/until-aborted.js';
import { ChunkCopies } from './chunk-copies.js';
import type { FetchOptions, ImageReader } from './image-reader.js';
import { keptRowsOf } from './kept-parts.js';
import type { LoadedImage } from './loaded-image.js';
import { planTasks } from './plan-tasks.js';
import { ReadCall } from './read-call.js';
import { KEPT, PLACE_NUMBERS, type ChunksTarget } from './read-request.js';
import { runTasks } from './run-tasks.js';
import { TargetFile } from './target-file.js';
import { makeFolders, syncFolders } from './target-folders.js';
import { writeTurns } from './write-turns.js';

const FILES_AT_A_TIME = 8;

/** One fetch: which rows are there, which are missing, and which files are whole. */
export class ImageFetch {
  readonly call: ReadCall;
  readonly #meter: ByteMeter;
  readonly #files: readonly TargetFile[];
  /** Rows with data that each part still waits for. */
  readonly #missing: Uint32Array;
  readonly #turns = writeTurns();
  #kept = new Uint8Array(0);

  constructor(
    readonly reader: ImageReader,
    readonly image: LoadedImage,
    readonly parts: readonly LocalPart[],
    readonly options: ImageCallOptions & FetchOptions,
  ) {
    this.call = new ReadCall(options.signal);
    this.#meter = new ByteMeter('fetch', reader.size, options.onProgress);
    this.#files = parts.map((part) => new TargetFile(part));
    this.#missing = new Uint32Array(parts.length);
  }

  async run(directory: string): Promise<void> {
    const { image, call, options } = this;
    const { table, manifest } = image;
    const folders = await makeFolders(directory, this.parts);
    await this.#each([...this.#files.keys()], async (index) => this.#files[index]?.begin());
    const begun = this.#files.flatMap(({ begun, temporary }, part) => (begun ? [{ part, path: temporary }] : []));
    this.#kept = Uint8Array.from(await keptRowsOf(call, image, begun));
    const skip = this.#kept.map((state) => (state === KEPT.right ? 1 : 0));
    this.#count(skip);
    const whole = [...this.#files.keys()].filter((part) => this.#missing[part] === 0);
    await this.#each(whole, (part) => this.#finish(part));
    await runTasks(call, image, planTasks(table, manifest.packs.length, skip), {
      targetOf: (rows) => this.#targetOf(rows),
      copies: new ChunkCopies(options.copies ?? [], manifest.hash, call),
      onRows: (rows) => this.#done(rows),
    });
    if (options.durable !== false) await syncFolders(folders);
    this.#meter.finish();
  }

  /** Removes the files that are not whole. */
  async discard(): Promise<void> {
    await inLanes(this.#files.length, FILES_AT_A_TIME, async (index) => this.#files[index]?.discard()).catch(
      () => undefined,
    );
  }

  /** Counts what is missing; what is there, and holes, are done. */
  #count(skip: Uint8Array): void {
    const { table, manifest } = this.image;
    manifest.parts.forEach(({ rows: [first, count] }, part) => {
      for (let row = first; row < first + count; row++) {
        const at = row * ROW_BYTES;
        if (skip[row] === 1 || table.readUInt32LE(at + 40) === NO_PACK) this.#meter.add(table.readUInt32LE(at + 32));
        else this.#missing[part] = (this.#missing[part] ?? 0) + 1;
      }
    });
  }

  #targetOf(rows: Uint32Array): ChunksTarget {
    const { places } = this.image;
    const numbers = new Map<number, number>();
    const target = new Float64Array(rows.length * PLACE_NUMBERS);
    rows.forEach((row, index) => {
      const part = places.partIndex(row);
      const number = numbers.get(part) ?? numbers.size;
      numbers.set(part, number);
      target.set([number, places.offset(row), this.#kept[row] === KEPT.wrong ? 1 : 0], index * PLACE_NUMBERS);
    });
    const files = [...numbers.keys()].map((part) => ({ path: this.#files[part]?.temporary ?? '', number: part }));
    return { to: { files, turns: this.#turns }, places: target };
  }

  async #done(rows: Uint32Array): Promise<void> {
    const { table, places } = this.image;
    const whole = new Set<number>();
    for (const row of rows) {
      this.#meter.add(table.readUInt32LE(row * ROW_BYTES + 32));
      const part = places.partIndex(row);
      const missing = (this.#missing[part] ?? 0) - 1;
      this.#missing[part] = missing;
      if (missing === 0) whole.add(part);
    }
    for (const part of whole) await this.#finish(part);
  }

  async #each(parts: readonly number[], work: (part: number) => Promise<void>): Promise<void> {
    await inLanes(parts.length, FILES_AT_A_TIME, async (index) => {
      throwIfAborted(this.options.signal);
      await work(parts[index] ?? 0);
    });
  }

  async #finish(part: number): Promise<void> {
    const file = this.#files[part];
    if (file === undefined) return;
    await file.finish(this.options.durable !== false);
    this.options.onPart?.(file.part);
  }
}
