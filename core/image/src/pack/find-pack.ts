// SPDX-License-Identifier: Apache-2.0
import { rmSync } from 'node:fs';
import { hashOf } from '../chunk/chunk-hash.js';
import { Decoder } from '../codec/decoder.js';
import { storedCheck } from '../codec/stored-check.js';
import { CHUNK_BYTES } from '../format/chunk-row.js';
import { FOOTER_BYTES, parseFooter, parseIndex, type PackFooter } from '../format/pack-footer.js';
import { ENTRY_BYTES, readEntry, type PackEntry } from '../format/pack-index.js';
import { DIRECT_BYTES } from '../io/aligned-memory.js';
import { DirectFile } from '../io/direct-file.js';
import type { ChunkPacker } from './chunk-packer.js';
import type { FoundPack, PackWork } from './pack-request.js';
import { WINDOW_BYTES, readWindow } from './read-window.js';

const decoder = new Decoder();
const data = Buffer.alloc(CHUNK_BYTES);

/**
 * Remembers the chunks of a pack that is there already. Those of another image are taken at the word of its index: every byte that
 * is used is verified before the image counts. Those of a pack that an earlier run of this image left are read and hashed, because a
 * crash may have lost any of them. A pack that cannot be used is left out; if it is our own, it is removed.
 */
export function findPack(
  packer: ChunkPacker,
  { path, name, number, own }: Extract<PackWork, { kind: 'pack' }>,
): FoundPack {
  const found = tried(() => {
    using file = DirectFile.open(path, { direct: own });
    const { size, footer, entries } = readIndex(file, name);
    if (footer.hash !== packer.setup.hash) return undefined;
    const chunks = own ? new CheckedChunks(packer, file) : undefined;
    for (let index = 0; index < entries.length / ENTRY_BYTES; index++) {
      const entry = readEntry(entries, index);
      if (chunks?.isGood(entry) === false) continue;
      const { offset, stored, codec, check } = entry;
      packer.index.insert(entry.hash as Buffer, entry.data, { pack: number, offset, stored, codec, check }, !own);
    }
    return { number, name, size, index: footer.digest };
  });
  packer.check();
  if (found === undefined && own) rmSync(path, { force: true });
  return found;
}

function readIndex(file: DirectFile, name: string): { size: number; footer: PackFooter; entries: Buffer } {
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
  return { size, footer, entries: parseIndex(name, size, footer, tail).entries };
}

/** The chunks of a pack, in their order, read in windows and hashed. */
class CheckedChunks {
  readonly #window = readWindow();
  #start = 0;
  #end = 0;

  constructor(
    readonly packer: ChunkPacker,
    readonly file: DirectFile,
  ) {}

  isGood({ hash, offset, stored, data: bytes, codec, check }: PackEntry): boolean {
    this.packer.check();
    if (offset + stored > this.#end) {
      this.#start = offset - (offset % DIRECT_BYTES);
      this.#end = this.#start + this.file.read(this.#window.subarray(0, WINDOW_BYTES), this.#start);
    }
    const from = offset - this.#start;
    const target = data.subarray(0, bytes);
    return (
      tried(() => {
        const found = this.#window.subarray(from, from + stored);
        if (storedCheck(codec, found) !== check) return false;
        decoder.decode(codec, found, target);
        return hashOf(this.packer.setup.hash, target).equals(hash);
      }) ?? false
    );
  }
}

function tried<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch {
    return undefined;
  }
}
