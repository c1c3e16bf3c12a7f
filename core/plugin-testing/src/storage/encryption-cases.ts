// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { imageKeyId, keyRing, openImage, rekeyImage, verifyImage, withKeys } from '@grit/image';
import type { ImageStorageReader, KeyProvider } from '@grit/plugin-api';
import { NEVER, failsWith } from '../suites/expect.js';
import { IMAGE_BYTES, storeWhole } from './image-cases.js';
import type { StorageCases } from './storage-subject.js';
import { readWhole } from './stored-bytes.js';

const KEYS = { 'suite-1': Buffer.alloc(32, 1), 'suite-2': Buffer.alloc(32, 2) } as const;

/** The keys of a suite that runs encrypted. */
export function suiteKeys(current: keyof typeof KEYS = 'suite-1'): KeyProvider {
  return keyRing({ current, keys: KEYS });
}

/** For suites that run encrypted. */
export const ENCRYPTION_CASES: StorageCases = {
  'nothing of an encrypted image can be seen in what is stored': async (subject) => {
    const { storage } = subject;
    const { manifest } = await storeWhole(subject, 'c-image');
    assert.deepEqual(manifest.encryption, { keyId: 'suite-1' });
    const reader = await storage.open('c-image', NEVER);
    const part = IMAGE_BYTES['criu/pages-1.img'];
    const objects = await Promise.all(
      ['rows', ...manifest.packs.map(({ name }) => `packs/${name}`)].map((name) => readWhole(reader, name)),
    );
    for (let at = 0; at + 32 <= part.length; at += 16 * 1024) {
      for (const object of objects) assert.ok(object.indexOf(part.subarray(at, at + 32)) < 0, `byte ${at}`);
    }
    const text = Buffer.from(await reader.manifest(NEVER)).toString();
    assert.ok(!text.includes('pages-1') && !text.includes('train'), 'the manifest is in clear');
  },

  'an encrypted image needs its key': async (subject) => {
    const { reopen } = subject;
    await storeWhole(subject, 'c-image');
    const other = keyRing({ current: 'suite-2', keys: { 'suite-2': KEYS['suite-2'] } });
    await failsWith(openImage(withKeys(await reopen(), other), 'c-image', NEVER), 'GRIT_KEY_UNKNOWN');
    const wrong = keyRing({ current: 'suite-1', keys: { 'suite-1': KEYS['suite-2'] } });
    await failsWith(openImage(withKeys(await reopen(), wrong), 'c-image', NEVER), 'GRIT_KEY_WRONG');
  },
};

/** For those that also can replace manifests. */
export const ROTATION_CASES: StorageCases = {
  'an image gets another key, and no object is written': async (subject) => {
    const { storage, reopen } = subject;
    const { digest, manifest } = await storeWhole(subject, 'c-image');
    const packs = (reader: ImageStorageReader): Promise<Uint8Array[]> =>
      Promise.all(manifest.packs.map(({ name }) => readWhole(reader, `packs/${name}`)));
    const before = await packs(await storage.open('c-image', NEVER));
    const rotated = withKeys(await reopen(), suiteKeys('suite-2'));
    assert.deepEqual(await rekeyImage(rotated, 'c-image', NEVER), { from: 'suite-1', to: 'suite-2' });
    assert.deepEqual(await rekeyImage(rotated, 'c-image', NEVER), { from: 'suite-2', to: 'suite-2' });
    assert.equal(await imageKeyId(await reopen(), 'c-image', NEVER), 'suite-2');
    const only = keyRing({ current: 'suite-2', keys: { 'suite-2': KEYS['suite-2'] } });
    const reader = await openImage(withKeys(await reopen(), only), 'c-image', NEVER);
    assert.equal(reader.digest, digest);
    await verifyImage(reader, { signal: NEVER });
    assert.deepEqual(await packs(reader.storage), before);
  },
};
