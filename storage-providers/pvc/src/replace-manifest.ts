// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { readFile, rename, rm } from 'node:fs/promises';
import { syncDirectory, writeDurably } from './durable.js';
import { isErrno, raise } from './storage-error.js';
import type { StoreDirectory } from './store-directory.js';

/**
 * Puts another manifest in the place of a committed image's, by one rename; after a crash it is the one or the other, and what was
 * written beside them goes with the image. Of two that replace at the same moment the later one stays.
 */
export async function replaceManifest(
  store: StoreDirectory,
  id: string,
  { expected, manifest }: { readonly expected: Uint8Array; readonly manifest: Uint8Array },
): Promise<void> {
  const path = store.manifest(id);
  const beside = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    const found = await readFile(path);
    if (!found.equals(manifest)) {
      if (!found.equals(expected)) throw conflict(store, id);
      await writeDurably(beside, manifest);
      await rename(beside, path);
    }
    // Also for the one who replaced it before and crashed then.
    await syncDirectory(store.image(id));
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    const known = await store.errorOf(error, { checkpoint: id, part: 'manifest.json', writes: true });
    if (!isErrno(error, 'ENOENT', 'ENOTDIR') || known.code === 'GRIT_STORAGE_UNAVAILABLE') throw known;
    throw raise('GRIT_CHECKPOINT_NOT_FOUND', 'there is no such checkpoint', store.path, { checkpoint: id }, error);
  }
}

function conflict(store: StoreDirectory, id: string): Error {
  const part = { checkpoint: id, part: 'manifest.json' };
  return raise('GRIT_IDEMPOTENCY_CONFLICT', 'another manifest stands there', store.path, part);
}
