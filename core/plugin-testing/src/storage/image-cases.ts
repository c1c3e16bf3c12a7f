// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  fetchImage,
  findWritten,
  openImage,
  storeImage,
  verifyImage,
  type ImageFacts,
  type WrittenImage,
} from '@grit/image';
import type { PartSource } from '@grit/plugin-api';
import { NEVER, failsWith } from '../suites/expect.js';
import type { StorageCases, StorageSubject } from './storage-subject.js';
import { bytesOf, isInvisible } from './stored-bytes.js';

/** The parts of the image under test. */
export const IMAGE_BYTES = {
  'criu/pages-1.img': bytesOf(2_500_000, 1),
  'criu/core-1.img': bytesOf(900, 2),
  'log/out': bytesOf(0, 3),
};
export const PART_NAMES = Object.keys(IMAGE_BYTES) as (keyof typeof IMAGE_BYTES)[];

/** Whole images, by way of the image package. */
export const IMAGE_CASES: StorageCases = {
  'a whole image is stored, verified and fetched': async (subject) => {
    const { digest, size } = await storeWhole(subject, 'c-image');
    const reader = await openImage(await subject.reopen(), 'c-image', NEVER);
    assert.equal(reader.digest, digest);
    assert.equal(reader.size, size);
    await verifyImage(reader, { signal: NEVER });
    const copy = join(subject.directory, 'copy');
    const parts = await fetchImage(reader, copy, { signal: NEVER });
    assert.deepEqual(parts.map(({ name }) => name).sort(), [...PART_NAMES].sort());
    for (const name of PART_NAMES) assert.deepEqual(await readFile(join(copy, name)), IMAGE_BYTES[name]);
  },

  'an image that was stored is found again by its facts': async (subject) => {
    const facts = factsOf('c-image');
    assert.equal(await findWritten(subject.storage, facts, NEVER), undefined);
    const { digest } = await storeWhole(subject, 'c-image');
    const other = await subject.reopen();
    assert.equal((await findWritten(other, facts, NEVER))?.digest, digest);
    await failsWith(findWritten(other, { ...facts, node: 'other' }, NEVER), 'GRIT_IDEMPOTENCY_CONFLICT');
  },

  'storing an image again is refused, and does no harm': async (subject) => {
    const { digest } = await storeWhole(subject, 'c-image');
    // Two packers never make the same packs.
    await failsWith(storeWhole(subject, 'c-image'), 'GRIT_IDEMPOTENCY_CONFLICT');
    const reader = await openImage(subject.storage, 'c-image', NEVER);
    assert.equal(reader.digest, digest);
    await verifyImage(reader, { signal: NEVER });
  },

  'an image whose part is missing at its source leaves nothing': async (subject) => {
    const writer = await subject.storage.begin('c-image', NEVER);
    const parts = [...(await sources(subject)), part('criu/gone.img', join(subject.directory, 'gone'))];
    const error = await failsWith(
      storeImage(writer, parts, factsOf('c-image'), { signal: NEVER, keys: subject.storage.keys }),
    );
    assert.equal(error.details?.part, 'criu/gone.img');
    await isInvisible(subject.storage, 'c-image');
  },
};

/** Stores the image under test. */
export async function storeWhole(subject: StorageSubject, id: string): Promise<WrittenImage> {
  const writer = await subject.storage.begin(id, NEVER);
  return storeImage(writer, await sources(subject), factsOf(id), { signal: NEVER, keys: subject.storage.keys });
}

async function sources({ directory }: StorageSubject): Promise<PartSource[]> {
  return Promise.all(
    PART_NAMES.map(async (name) => {
      const path = join(directory, 'source', name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, IMAGE_BYTES[name]);
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
