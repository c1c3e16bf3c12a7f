// SPDX-License-Identifier: Apache-2.0
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { checkZstdFrame } from './zstd-frame.js';

/** Writes a zstd frame of the data into `target`. Returns its bytes; 0 when it has no room. */
export function compress(data: Uint8Array, level: number, target: Uint8Array): number {
  // One piece of output: in pieces of the default size it takes twice as long.
  const frame = zstdCompressSync(data, {
    params: { [constants.ZSTD_c_compressionLevel]: level },
    chunkSize: Math.max(data.length + 1024, 64),
  });
  if (frame.length > target.length) return 0;
  target.set(frame);
  return frame.length;
}

/** Fills `target` with the content of one zstd frame. Throws when it is not one, or is of another size. */
export function decompress(frame: Uint8Array, target: Uint8Array): void {
  checkZstdFrame(frame, target.length);
  const size = Math.max(target.length, 64);
  const data = zstdDecompressSync(frame, { maxOutputLength: size, chunkSize: size });
  if (data.length !== target.length) throw new Error('a zstd frame of another size');
  target.set(data);
}
