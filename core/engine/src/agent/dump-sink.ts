// SPDX-License-Identifier: Apache-2.0
import { access, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { loadPacked, savePacked, type PackedImage, type Packer } from '@grit/image';
import { GritError, checkPartName, type ImageSink, type PageSink, type PartSource } from '@grit/plugin-api';
import type { PackPlace } from './pack-place.js';

/** A packer at work. */
export interface Packing {
  readonly packer: Packer;
  readonly place: PackPlace;
}

/**
 * Packs a dump while it goes on: pages as they arrive, files as they are added. The flush leaves the packs and `packed.json` beside the
 * dump, from where the store step takes them.
 *
 * After a crash behind the flush the dump is packed already: the driver, which has noted that its dump is finished, adds its files
 * once more and sends no pages. Should it dump anew all the same, its pages or its files show it, and all is packed again.
 */
export class DumpSink implements ImageSink {
  readonly directory: string;
  readonly #added = new Map<string, PartSource>();
  readonly #files: Promise<void>[] = [];
  #packing: Promise<Packing> | undefined;
  #flushed: Promise<void> | undefined;
  #isFlushed = false;

  private constructor(
    /** Directory of the dump; the image that the driver writes is below it. */
    readonly dump: string,
    private readonly begin: () => Promise<Packing>,
    /** What an earlier run has packed. */
    private saved: PackedImage | undefined,
  ) {
    this.directory = join(dump, 'image');
  }

  /** A sink that is ready before anything is frozen. Errors: those of `begin`; GRIT_DUMP_FAILED for a record that cannot be used. */
  static async open(dump: string, begin: () => Promise<Packing>): Promise<DumpSink> {
    const sink = new DumpSink(dump, begin, await loadPacked(dump));
    if (sink.saved === undefined) await sink.#pack();
    return sink;
  }

  /** True once everything is packed and noted. */
  get isFlushed(): boolean {
    return this.#isFlushed;
  }

  add(part: PartSource): void {
    if (this.#added.has(checkPartName(part.name))) {
      throw new GritError('GRIT_IMAGE_MANIFEST_INVALID', `part ${part.name} was added twice`);
    }
    if (this.#flushed !== undefined) {
      throw new GritError('GRIT_DUMP_FAILED', `part ${part.name} was added after the flush`);
    }
    this.#added.set(part.name, part);
    if (this.saved === undefined) this.#packFile(part);
  }

  async openPages(signal: AbortSignal): Promise<PageSink> {
    const { packer } = await this.#packAnew();
    signal.throwIfAborted();
    return packer.openPages();
  }

  async flush(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await (this.#flushed ??= this.#finish());
  }

  /** Takes back what was not flushed. Never throws. */
  async discard(): Promise<void> {
    if (this.#isFlushed) return;
    const packing = await this.#packing?.catch(() => undefined);
    await packing?.packer.discard().catch(() => undefined);
    await packing?.place.writer.abort(new AbortController().signal).catch(() => undefined);
  }

  async #finish(): Promise<void> {
    if (this.saved === undefined || (await this.#isDumpedAnew(this.saved))) {
      const { packer } = await this.#packAnew();
      await allOf(this.#files);
      await savePacked(this.dump, await packer.finish({ durable: false }));
    } else {
      this.#checkNames(this.saved);
    }
    this.#isFlushed = true;
  }

  /** Whether the driver has dumped all once more into files, although an earlier dump is packed. */
  async #isDumpedAnew({ parts }: PackedImage): Promise<boolean> {
    // Pages that were streamed are not among the files of a dump that is finished.
    if (parts.some(({ name }) => !this.#added.has(name))) return false;
    const there = await Promise.all([...this.#added.values()].map(({ path }) => exists(path)));
    return there.every(Boolean);
  }

  #checkNames({ parts }: PackedImage): void {
    const names = new Set(parts.map(({ name }) => name));
    for (const name of this.#added.keys()) {
      if (!names.has(name)) throw new GritError('GRIT_DUMP_FAILED', `part ${name} is not in what was packed`);
    }
  }

  async #packAnew(): Promise<Packing> {
    if (this.saved === undefined) return this.#pack();
    // The record first: without it nobody takes what is about to be replaced for a whole image.
    await rm(join(this.dump, 'packed.json'), { force: true });
    const packing = await this.#pack();
    this.saved = undefined;
    for (const part of this.#added.values()) this.#packFile(part);
    return packing;
  }

  #pack(): Promise<Packing> {
    return (this.#packing ??= this.begin());
  }

  #packFile(part: PartSource): void {
    const work = this.#pack().then(({ packer }) => packer.addFile(part));
    // Told at the flush.
    work.catch(() => undefined);
    this.#files.push(work);
  }
}

/** Waits for all, also after a failure; then the first one counts. */
async function allOf(works: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(works);
  await Promise.all(works);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
