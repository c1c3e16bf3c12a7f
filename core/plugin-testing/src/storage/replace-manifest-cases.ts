// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { StorageProvider } from '@grit/plugin-api';
import { NEVER, failsAborted, failsWith } from '../suites/expect.js';
import type { StorageCases } from './storage-subject.js';
import { MANIFEST, bytesOf, commitImage, listed, readWhole } from './stored-bytes.js';

const SECOND: Uint8Array = Buffer.from('{"manifest":2}');
const THIRD: Uint8Array = Buffer.alloc(300_000, 'third');

/** For providers that put another manifest in the place of a committed image's. */
export const REPLACE_MANIFEST_CASES: StorageCases = {
  'a manifest is replaced for everybody, and the objects stay': async ({ storage, reopen }) => {
    await commitImage(storage, 'c-1', { a: bytesOf(1000, 1) });
    await replace(storage, 'c-1', MANIFEST, SECOND);
    await replace(await reopen(), 'c-1', SECOND, THIRD);
    const reader = await storage.open('c-1', NEVER);
    assert.deepEqual(Buffer.from(await reader.manifest(NEVER)), Buffer.from(THIRD));
    assert.deepEqual(await readWhole(reader, 'a'), bytesOf(1000, 1));
    assert.deepEqual(await listed(storage), ['c-1']);
    for await (const { size } of storage.list(NEVER)) assert.equal(size, 1000);
    await storage.delete('c-1', NEVER);
    assert.deepEqual(await listed(storage), []);
  },

  'replacing is idempotent, and refuses a manifest that is not expected': async ({ storage, reopen }) => {
    await commitImage(storage, 'c-1', { a: bytesOf(10, 1) });
    await failsWith(replace(storage, 'c-1', SECOND, THIRD), 'GRIT_IDEMPOTENCY_CONFLICT');
    await replace(storage, 'c-1', MANIFEST, MANIFEST);
    await replace(storage, 'c-1', MANIFEST, SECOND);
    await replace(await reopen(), 'c-1', MANIFEST, SECOND);
    await failsWith(replace(storage, 'c-1', MANIFEST, THIRD), 'GRIT_IDEMPOTENCY_CONFLICT');
    const reader = await storage.open('c-1', NEVER);
    assert.deepEqual(Buffer.from(await reader.manifest(NEVER)), Buffer.from(SECOND));
  },

  'a commit that is repeated compares with the manifest that stands there now': async ({ storage, reopen }) => {
    await commitImage(storage, 'c-1', {});
    await replace(storage, 'c-1', MANIFEST, SECOND);
    await (await (await reopen()).begin('c-1', NEVER)).commit(SECOND, NEVER);
    await failsWith((await storage.begin('c-1', NEVER)).commit(MANIFEST, NEVER), 'GRIT_IDEMPOTENCY_CONFLICT');
  },

  'an image that is not there, or not committed, has no manifest to replace': async ({ storage }) => {
    await storage.begin('c-half', NEVER);
    for (const id of ['c-never', 'c-half']) {
      await failsWith(replace(storage, id, MANIFEST, SECOND), 'GRIT_CHECKPOINT_NOT_FOUND');
    }
    await commitImage(storage, 'c-1', {});
    await storage.delete('c-1', NEVER);
    await failsWith(replace(storage, 'c-1', MANIFEST, SECOND), 'GRIT_CHECKPOINT_NOT_FOUND');
    await failsWith(replace(storage, '../c-1', MANIFEST, SECOND), 'GRIT_REQUEST_INVALID');
    await failsAborted(replace(storage, 'c-1', MANIFEST, SECOND, AbortSignal.abort()));
    assert.deepEqual(await listed(storage), []);
  },
};

async function replace(
  storage: StorageProvider,
  id: string,
  expected: Uint8Array,
  manifest: Uint8Array,
  signal = NEVER,
): Promise<void> {
  assert.ok(storage.replaceManifest !== undefined, 'the provider does not replace manifests');
  await storage.replaceManifest(id, { expected, manifest }, signal);
}
