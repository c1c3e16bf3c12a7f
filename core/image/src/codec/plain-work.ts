// SPDX-License-Identifier: Apache-2.0
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { joinWords, splitWords } from './byte-planes.js';
import type { ByteWork } from './byte-work.js';
import { checkZstdFrame } from './zstd-frame.js';

/** The work done with what Node has. */
export const plainWork: ByteWork = {
  compress(data, { level, hashLog, minMatch }, target) {
    const frame = zstdCompressSync(data, {
      params: {
        [constants.ZSTD_c_compressionLevel]: level,
        [constants.ZSTD_c_hashLog]: hashLog,
        [constants.ZSTD_c_minMatch]: minMatch,
      },
      // Room for all of it at once: with pieces of the default size it takes twice as long, and the frame may be another one.
      chunkSize: data.length + (data.length >>> 8) + 1024,
    });
    if (frame.length > target.length) return 0;
    target.set(frame);
    return frame.length;
  },

  decompress(frame, target) {
    checkZstdFrame(frame, target.length);
    const room = Math.max(target.length, 64);
    const data = zstdDecompressSync(frame, { maxOutputLength: room, chunkSize: room });
    if (data.length !== target.length) throw new Error('a zstd frame of another size');
    target.set(data);
  },

  split: splitWords,
  join: joinWords,
};
