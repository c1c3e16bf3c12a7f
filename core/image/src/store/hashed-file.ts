// SPDX-License-Identifier: Apache-2.0
import { BLOCK_BYTES, digestBlock, treeDigest } from '../digest/block-digest.js';
import { readFully } from '../digest/each-block.js';
import type { FileDigest, HashOptions } from '../digest/hash-file.js';
import { localFileError, openLocal } from '../digest/open-local.js';
import { throwIfAborted } from '../stream/until-aborted.js';

/**
 * Reads a file as a stream of blocks and hashes what it hands out: one pass, and the digest is of the very bytes that were taken.
 * `digest` is undefined until the stream was read to its end.
 */
export class HashedFile implements AsyncIterable<Uint8Array> {
  digest: FileDigest | undefined;

  constructor(
    readonly path: string,
    readonly options: HashOptions,
  ) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void> {
    const { signal, onBytes } = this.options;
    const digests: Buffer[] = [];
    let size = 0;
    try {
      await using file = await openLocal(this.path);
      for (;;) {
        throwIfAborted(signal);
        // The reader may still hold the block before, so each is a new one.
        const block = await readFully(file, Buffer.allocUnsafeSlow(BLOCK_BYTES), size);
        if (block.length === 0) break;
        const digest = digestBlock(block);
        yield block;
        digests.push(await digest);
        size += block.length;
        onBytes?.(block.length);
        if (block.length < BLOCK_BYTES) break;
      }
    } catch (error) {
      throw localFileError(error, this.path);
    }
    const blocks = Buffer.concat(digests);
    this.digest = { size, digest: treeDigest(blocks), blocks: blocks.toString('base64') };
  }
}
