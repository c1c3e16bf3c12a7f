// SPDX-License-Identifier: Apache-2.0
import { hashOf } from '../chunk/chunk-hash.js';
import { CODEC } from '../codec/codec-ids.js';
import { Decoder } from '../codec/decoder.js';
import { storedCheck } from '../codec/stored-check.js';
import { decryptChunk } from '../crypto/chunk-cipher.js';
import { CHUNK_BYTES, ROW_BYTES, readRow, type ChunkRow } from '../format/chunk-row.js';
import { dataBytes } from '../format/data-bytes.js';
import { MemoryTarget, NO_TARGET, type ChunkTarget } from './chunk-target.js';
import { DirectReads } from './direct-reads.js';
import { JoinedWrites } from './joined-writes.js';
import { PLACE_NUMBERS, type ChunksReply, type ChunksRequest } from './read-request.js';

/** Room for decoded chunks that wait to be written together. */
const DECODED_BYTES = 4 * 1024 * 1024;

/** The work of one thread: reads ranges of packs, decodes, checks, and hands on what is right. Its memory is used again and again. */
export class ChunkChecker {
  readonly #reads = new DirectReads();
  readonly #decoder = new Decoder();
  readonly #decoded = new Uint8Array(DECODED_BYTES);
  #used = 0;

  /** Throws what writing throws; chunks that are not the right ones are in the reply. */
  run(request: ChunksRequest): ChunksReply {
    const { source } = request;
    // What waited behind other work need not be begun.
    if (Atomics.load(new Int32Array(request.stop), 0) !== 0) return { corrupt: [] };
    const bytes = this.#bytesOf(request);
    if (typeof bytes === 'string') return { corrupt: [], unreadable: bytes };
    const target = targetOf(request);
    let corrupt: readonly number[];
    try {
      corrupt = this.#check(request, bytes, target);
      target.flush();
    } finally {
      target.close();
    }
    return {
      corrupt,
      ...(target instanceof MemoryTarget && { memory: target.memory }),
      ...('bytes' in source && { bytes: source.bytes }),
    };
  }

  #bytesOf({ source, start, end }: ChunksRequest): Uint8Array | string {
    if ('bytes' in source) return new Uint8Array(source.bytes, 0, end - start);
    try {
      return this.#reads.read(source.path, start, end);
    } catch (error) {
      return (error as Error).message;
    }
  }

  #check(request: ChunksRequest, bytes: Uint8Array, target: ChunkTarget): number[] {
    const { stop, start, rows, target: places } = request;
    const table = Buffer.from(rows.buffer, rows.byteOffset, rows.length);
    const stopped = new Int32Array(stop);
    const count = table.length / ROW_BYTES;
    const corrupt: number[] = [];
    for (let first = 0, next = 0; first < count && Atomics.load(stopped, 0) === 0; first = next) {
      const row = readRow(table, first);
      for (next = first + 1; next < count && sameChunk(table, first, next);) next++;
      const at = row.offset - start;
      const data = this.#data(request, row, bytes.subarray(at, at + row.stored), target);
      for (let use = first; use < next; use++) {
        if (data === undefined) corrupt.push(use);
        else if (places !== undefined) put(target, data, readRow(table, use), places.places, use * PLACE_NUMBERS);
      }
    }
    return corrupt;
  }

  /** The data of a chunk; undefined when they are not the right ones. */
  #data({ hash, key }: ChunksRequest, row: ChunkRow, stored: Uint8Array, target: ChunkTarget): Uint8Array | undefined {
    const size = dataBytes(row.length, row.zeros);
    const encoded = key === undefined ? stored : decryptChunk(key, row.offset, stored);
    if (encoded === undefined) return undefined;
    let data = encoded;
    if (row.codec !== CODEC.raw) {
      // Data that are right do not tell that what is stored is, unless it has a tag.
      if (key === undefined && storedCheck(row.codec, encoded) !== row.check) return undefined;
      data = this.#room(size, target);
      try {
        this.#decoder.decode(row.codec, encoded, data);
      } catch {
        return undefined;
      }
    }
    if (data.length !== size || !hashOf(hash, data).equals(row.hash)) return undefined;
    return data;
  }

  #room(size: number, target: ChunkTarget): Uint8Array {
    if (size > CHUNK_BYTES) throw new RangeError(`a chunk of ${size} bytes`);
    if (this.#used + size > DECODED_BYTES) {
      target.flush();
      this.#used = 0;
    }
    const room = this.#decoded.subarray(this.#used, this.#used + size);
    this.#used += size;
    return room;
  }
}

function targetOf({ target }: ChunksRequest): ChunkTarget {
  if (target === undefined) return NO_TARGET;
  return 'bytes' in target.to ? new MemoryTarget(target.to.bytes) : new JoinedWrites(target.to);
}

function put(target: ChunkTarget, data: Uint8Array, row: ChunkRow, places: Float64Array, at: number): void {
  target.put(places[at] ?? 0, places[at + 1] ?? 0, data, row.length, row.zeros, places[at + 2] === 1);
}

/** Whether two rows have the same chunk: same hash, same place in the pack, same number of data. */
function sameChunk(table: Buffer, one: number, other: number): boolean {
  const [a, b] = [one * ROW_BYTES, other * ROW_BYTES];
  if (table.compare(table, b + 40, b + ROW_BYTES, a + 40, a + ROW_BYTES) !== 0) return false;
  if (table.compare(table, b, b + 32, a, a + 32) !== 0) return false;
  return dataOf(table, a) === dataOf(table, b);
}

function dataOf(table: Buffer, at: number): number {
  return dataBytes(table.readUInt32LE(at + 32), table.readUInt32LE(at + 36));
}
