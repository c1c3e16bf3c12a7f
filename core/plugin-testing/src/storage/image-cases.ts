// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fetchImage, openImage, storeImage, verifyImage, type ImageFacts, type WrittenImage } from '@grit/image';
import type { ErrorCode, PartSource } from '@grit/plugin-api';
import { NEVER, failsWith } from '../suites/expect.js';
import type { StorageCases, StorageDamage, StorageSubject } from './storage-subject.js';
import { bytesOf, isInvisible } from './stored-bytes.js';

const BYTES = {
  'criu/pages-1.img': bytesOf(2_500_000, 1),
  'criu/core-1.img': bytesOf(900, 2),
  'log/out': bytesOf(0, 3),
};
const NAMES = Object.keys(BYTES) as (keyof typeof BYTES)[];

/** Whole images, by way of the image package. */
export const IMAGE_CASES: StorageCases = {
  'a whole image is stored, verified and fetched': async (subject) => {
    const { digest, size } = await store(subject, 'c-image');
    const reader = await openImage(await subject.reopen(), 'c-image', NEVER);
    assert.equal(reader.digest, digest);
    assert.equal(reader.size, size);
    await verifyImage(reader, { signal: NEVER });
    const copy = join(subject.directory, 'copy');
    const parts = await fetchImage(reader, copy, { signal: NEVER });
    assert.deepEqual(parts.map(({ name }) => name).sort(), [...NAMES].sort());
    for (const name of NAMES) assert.deepEqual(await readFile(join(copy, name)), BYTES[name]);
  },

  'storing an image again is fine': async (subject) => {
    const first = await store(subject, 'c-image');
    const second = await store(subject, 'c-image');
    assert.equal(second.digest, first.digest);
  },

  'an image whose part is missing at its source leaves nothing': async (subject) => {
    const writer = await subject.storage.begin('c-image', NEVER);
    const parts = [...(await sources(subject)), part('criu/gone.img', join(subject.directory, 'gone'))];
    const error = await failsWith(storeImage(writer, parts, factsOf('c-image'), { signal: NEVER }));
    assert.equal(error.details?.part, 'criu/gone.img');
    await isInvisible(subject.storage, 'c-image');
  },
};

/** What is found when the store was damaged. */
export const DAMAGE_CASES: StorageCases = {
  'a corrupt part is refused': (subject) =>
    refused(subject, 'GRIT_IMAGE_PART_CORRUPT', 'criu/pages-1.img', (damage, id, name) =>
      damage.corrupt(id, name, 1_200_000),
    ),
  'a corrupt small part is refused': (subject) =>
    refused(subject, 'GRIT_IMAGE_PART_CORRUPT', 'criu/core-1.img', (damage, id, name) => damage.corrupt(id, name, 0)),
  'a truncated part is refused': (subject) =>
    refused(subject, 'GRIT_IMAGE_PART_TRUNCATED', 'criu/pages-1.img', (damage, id, name) =>
      damage.truncate(id, name, 2_499_999),
    ),
  'an empty part is refused': (subject) =>
    refused(subject, 'GRIT_IMAGE_PART_TRUNCATED', 'criu/pages-1.img', (damage, id, name) =>
      damage.truncate(id, name, 0),
    ),
  'a missing part is refused': (subject) =>
    refused(subject, 'GRIT_IMAGE_PART_MISSING', 'criu/pages-1.img', (damage, id, name) => damage.remove(id, name)),

  'an image without its manifest is refused, and not listed': async (subject) => {
    await store(subject, 'c-image');
    await subject.damage?.removeManifest('c-image');
    await isInvisible(await subject.reopen(), 'c-image');
    await failsWith(openImage(subject.storage, 'c-image', NEVER), 'GRIT_IMAGE_MANIFEST_MISSING');
    await subject.storage.delete('c-image', NEVER);
    await failsWith(subject.storage.open('c-image', NEVER), 'GRIT_CHECKPOINT_NOT_FOUND');
  },
};

async function refused(
  subject: StorageSubject,
  code: ErrorCode,
  name: string,
  damage: (damage: StorageDamage, id: string, name: string) => Promise<void>,
): Promise<void> {
  await store(subject, 'c-image');
  assert.ok(subject.damage);
  await damage(subject.damage, 'c-image', name);
  const reader = await openImage(subject.storage, 'c-image', NEVER);
  const copy = join(subject.directory, 'copy');
  for (const call of [verifyImage(reader, { signal: NEVER }), fetchImage(reader, copy, { signal: NEVER })]) {
    const error = await failsWith(call, code);
    assert.equal(error.details?.part, name);
    assert.ok(error.message.includes(name), error.message);
  }
  const left = await readdir(dirname(join(copy, name)));
  assert.ok(!left.some((file) => file.includes('pages') && name.includes('pages')), 'damaged bytes were handed out');
}

async function store(subject: StorageSubject, id: string): Promise<WrittenImage> {
  const writer = await subject.storage.begin(id, NEVER);
  return storeImage(writer, await sources(subject), factsOf(id), { signal: NEVER });
}

async function sources({ directory }: StorageSubject): Promise<PartSource[]> {
  return Promise.all(
    NAMES.map(async (name) => {
      const path = join(directory, 'source', name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, BYTES[name]);
      return part(name, path);
    }),
  );
}

function part(name: string, path: string): PartSource {
  return { name, kind: name.startsWith('log') ? 'log' : 'memory', path };
}

function factsOf(checkpoint: string): ImageFacts {
  return {
    checkpoint,
    workload: { kind: 'container', name: 'train' },
    node: 'local',
    createdAt: 1_700_000_000_000,
    runtime: { driver: 'memory', version: 1, data: { pid: 1 } },
    facts: { arch: 'x64' },
    timings: [{ phase: 'dump', ms: 12.5 }],
  };
}
