// SPDX-License-Identifier: Apache-2.0
import { rmSync } from 'node:fs';
import { FOOTER_BYTES, parseFooter, parseIndex, type PackFooter } from '../format/pack-footer.js';
import { ENTRY_BYTES, readEntry } from '../format/pack-index.js';
import { DIRECT_BYTES } from '../io/aligned-memory.js';
import { DirectFile } from '../io/direct-file.js';
import { CheckedChunks, tried } from './checked-chunks.js';
import type { ChunkPacker } from './chunk-packer.js';
import type { FoundPack, PackWork } from './pack-request.js';
import { WINDOW_BYTES, readWindow } from './read-window.js';

/**
 * Remembers the chunks of a pack that an earlier run of this image left. They are read and hashed, because a crash may have lost any
 * of them. A pack that cannot be used is removed.
 */
export function findPack(packer: ChunkPacker, { path, name, number }: Extract<PackWork, { kind: 'pack' }>): FoundPack {
  const found = tried(() => {
    using file = DirectFile.open(path, { direct: true });
    const { size, footer, entries } = readIndex(file, name);
    if (footer.hash !== packer.setup.hash) return undefined;
    const chunks = new CheckedChunks(packer, file);
    for (let index = 0; index < entries.length / ENTRY_BYTES; index++) {
      const entry = readEntry(entries, index);
      if (!chunks.isGood(entry)) continue;
      const { offset, stored, codec, check } = entry;
      packer.index.insert(entry.hash as Buffer, entry.data, { pack: number, offset, stored, codec, check }, false);
    }
    return { number, name, size, index: footer.digest };
  });
  packer.check();
  if (found === undefined) rmSync(path, { force: true });
  return found;
}

/** Reads and checks the index of a pack. */
export function readIndex(
  file: DirectFile,
  name: string,
  key?: Uint8Array,
): { size: number; footer: PackFooter; entries: Buffer } {
  const size = Number(file.stat().size);
  const window = readWindow();
  const lastBlock = window.subarray(0, DIRECT_BYTES);
  const bytes = file.read(lastBlock, Math.max(0, size - DIRECT_BYTES));
  const footer = parseFooter(name, size, lastBlock.subarray(Math.max(0, bytes - FOOTER_BYTES), bytes));
  const tail = Buffer.allocUnsafeSlow(size - footer.indexOffset);
  for (let done = 0; done < tail.length;) {
    const part = window.subarray(0, Math.min(WINDOW_BYTES, tail.length - done));
    const count = file.read(part, footer.indexOffset + done);
    if (count === 0) break;
    part.copy(tail, done, 0, count);
    done += count;
  }
  return { size, footer, entries: parseIndex(name, size, footer, tail, key).entries };
}
