// SPDX-License-Identifier: Apache-2.0
import { DIGEST_BYTES, blockCount, digestBlock, treeDigest } from './block-digest.js';
import { eachBlock } from './each-block.js';
import { fileChanged, localFileError, openLocal } from './open-local.js';

/** What a file's bytes are. */
export interface FileDigest {
  /** Bytes. */
  readonly size: number;
  /** `sha256:` and the digest over `blocks`. */
  readonly digest: string;
  /** Base64 of the digests of the blocks of 1 MiB, one after the other. */
  readonly blocks: string;
}

/** Options of hashing. */
export interface HashOptions {
  readonly signal: AbortSignal;
  /** Called with the number of bytes hashed since the last call. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/**
 * Hashes a regular file, several blocks at a time on the threads that Node has anyway; memory stays at a few blocks.
 * Errors: GRIT_IMAGE_PART_MISSING when there is no such file; GRIT_IMAGE_PART_CORRUPT when it cannot be read or changes meanwhile.
 */
export async function hashFile(path: string, { signal, onBytes }: HashOptions): Promise<FileDigest> {
  try {
    await using file = await openLocal(path);
    const before = await file.stat({ bigint: true });
    if (!before.isFile()) throw fileChanged(path, 'is no regular file');
    const size = Number(before.size);
    const digests = Buffer.alloc(blockCount(size) * DIGEST_BYTES);
    await eachBlock(file, size, signal, async ({ index, bytes, expected }) => {
      if (bytes.length < expected) throw fileChanged(path, 'became shorter while it was hashed');
      (await digestBlock(bytes)).copy(digests, index * DIGEST_BYTES);
      onBytes?.(bytes.length);
    });
    const after = await file.stat({ bigint: true });
    if (after.size !== before.size || after.mtimeNs !== before.mtimeNs) {
      throw fileChanged(path, 'changed while it was hashed');
    }
    return { size, digest: treeDigest(digests), blocks: digests.toString('base64') };
  } catch (error) {
    throw localFileError(error, path);
  }
}
