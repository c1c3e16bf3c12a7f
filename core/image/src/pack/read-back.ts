// SPDX-License-Identifier: Apache-2.0
import type { BigIntStats } from 'node:fs';
import { packDamage } from '../format/pack-damage.js';
import { ENTRY_BYTES, readEntry } from '../format/pack-index.js';
import { bootId } from '../io/boot-id.js';
import { DirectFile } from '../io/direct-file.js';
import { CheckedChunks, tried } from './checked-chunks.js';
import type { ChunkPacker } from './chunk-packer.js';
import { identityOf } from './file-state.js';
import { readIndex } from './find-pack.js';
import type { PackWork } from './pack-request.js';

/**
 * The file of a pack that was read back whole from its disk, and was right. It says so of these very bytes: of the same file under any
 * name, not written to since, and only until the machine starts anew, since the file need not have been durable.
 */
export interface ReadBack {
  readonly device: string;
  readonly inode: string;
  /** When it was written last, nanoseconds. */
  readonly changed: string;
  /** Id of this start of the machine. */
  readonly boot: string;
}

/**
 * Reads a pack that was just completed past the page cache and hashes every chunk of it. Undefined where that cannot be done: then it is
 * read when it is in its store. Throws GRIT_IMAGE_PART_CORRUPT; GRIT_ABORTED.
 */
export function readBack(
  packer: ChunkPacker,
  { path, name, index, key }: Extract<PackWork, { kind: 'read-back' }>,
): ReadBack | undefined {
  const boot = tried(bootId);
  if (boot === undefined) return undefined;
  using file = DirectFile.open(path);
  const { footer, entries } = readIndex(file, name, key);
  if (footer.digest !== index) throw packDamage('GRIT_IMAGE_PART_CORRUPT', name, 'is not the one that was written');
  const chunks = new CheckedChunks(packer, file, key);
  for (let entry = 0; entry < entries.length / ENTRY_BYTES; entry++) {
    if (chunks.isGood(readEntry(entries, entry))) continue;
    packer.check();
    throw packDamage('GRIT_IMAGE_PART_CORRUPT', name, 'came back from the disk with other bytes than were written');
  }
  // The mount took no direct read: it was the page cache that answered.
  if (!file.direct) return undefined;
  return { ...identityOf(file.stat()), boot };
}

/** Whether a file is the one that was read back. */
export function isReadBack(file: BigIntStats, known: ReadBack): boolean {
  const { device, inode, changed } = identityOf(file);
  return known.device === device && known.inode === inode && known.changed === changed && known.boot === tried(bootId);
}
