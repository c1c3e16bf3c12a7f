// SPDX-License-Identifier: Apache-2.0
import { readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { bootId } from '@grit/image';
import type { LocalPart, RuntimeRecord } from '@grit/plugin-api';
import type { NodeDirectories } from './node-directories.js';
import { readSealed, writeSealed } from './sealed-file.js';

/** What is written when an image has been fetched whole. */
export interface FetchedRecord {
  /** Of its manifest. */
  readonly digest: string;
  readonly parts: readonly LocalPart[];
  readonly runtime: RuntimeRecord;
  /** What it takes of the disk. */
  readonly bytes: number;
  /** The files are not durable: after a start of the machine they may hold anything. */
  readonly boot: string;
}

/** One image on this disk: `files/`, `fetched.json` once it is whole, and a file for each restore that uses it in `users/`. */
export class CachedImage {
  constructor(
    readonly checkpoint: string,
    private readonly directory: string,
  ) {}

  static async all(directories: NodeDirectories): Promise<CachedImage[]> {
    const names = await namesIn(directories.images);
    return names.map((checkpoint) => new CachedImage(checkpoint, directories.image(checkpoint)));
  }

  get files(): string {
    return join(this.directory, 'files');
  }

  get users(): string {
    return join(this.directory, 'users');
  }

  get #record(): string {
    return join(this.directory, 'fetched.json');
  }

  /** Undefined when it is not whole, or not any more. */
  async read(): Promise<FetchedRecord | undefined> {
    const record = await readSealed<FetchedRecord>(this.#record);
    return record?.boot === bootId() ? record : undefined;
  }

  async write(record: FetchedRecord): Promise<void> {
    await writeSealed(this.#record, record);
  }

  /** It was asked for just now. */
  async touch(): Promise<void> {
    const now = new Date();
    await utimes(this.directory, now, now);
  }

  /** When it was asked for last, milliseconds since the epoch. */
  async usedAt(): Promise<number> {
    return (await stat(this.directory)).mtimeMs;
  }

  /** Whether one of these restores needs it: one whose own directory is gone has ended, also when nobody could say so. */
  async isUsed(restores: ReadonlySet<string>): Promise<boolean> {
    return (await namesIn(this.users)).some((restore) => restores.has(restore));
  }

  async giveBack(restore: string): Promise<void> {
    await rm(join(this.users, restore), { force: true });
  }

  /** The record goes first: what is left of a removal is no image. */
  async remove(): Promise<void> {
    await rm(this.#record, { force: true });
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** What files take of the disk; their holes take nothing. */
export async function bytesOnDisk(parts: readonly LocalPart[]): Promise<number> {
  let bytes = 0;
  for (const { path } of parts) bytes += (await stat(path)).blocks * 512;
  return bytes;
}

/** What is in a directory; nothing when it is not there. */
export async function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
}
