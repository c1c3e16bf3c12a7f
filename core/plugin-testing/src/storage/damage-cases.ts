// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchImage, openImage, verifyImage } from '@grit/image';
import type { ErrorCode } from '@grit/plugin-api';
import { NEVER, failsWith } from '../suites/expect.js';
import { IMAGE_BYTES, PART_NAMES, storeWhole } from './image-cases.js';
import type { StorageCases, StorageSubject } from './storage-subject.js';
import { isInvisible } from './stored-bytes.js';

const ID = 'c-image';

/** An object of the image under test. */
interface StoredObject {
  readonly name: string;
  readonly size: number;
}

/** What is found when the store was damaged, whichever object it is and however the image lies in its objects. */
export const DAMAGE_CASES: StorageCases = {
  'an object with a wrong first byte is refused': (subject) =>
    eachObject(subject, async (object) => {
      await subject.damage?.corrupt(ID, object.name, 0);
      await refused(subject, object, 'GRIT_IMAGE_PART_CORRUPT');
    }),

  'an object that was emptied is refused': (subject) =>
    eachObject(subject, async (object) => {
      await subject.damage?.truncate(ID, object.name, 0);
      await refused(subject, object, 'GRIT_IMAGE_PART_TRUNCATED');
    }),

  'an object that is gone is refused': (subject) =>
    eachObject(subject, async (object) => {
      await subject.damage?.remove(ID, object.name);
      await refused(subject, object, 'GRIT_IMAGE_PART_MISSING');
    }),

  'a wrong byte in the middle is refused': async (subject) => {
    const object = await largest(subject);
    await subject.damage?.corrupt(ID, object.name, Math.floor(object.size / 2));
    await refused(subject, object, 'GRIT_IMAGE_PART_CORRUPT');
  },

  'an object that was cut in the middle is refused': async (subject) => {
    const object = await largest(subject);
    await subject.damage?.truncate(ID, object.name, Math.floor(object.size / 2));
    await refused(subject, object, 'GRIT_IMAGE_PART_TRUNCATED');
  },

  'a missing last byte is found': async (subject) => {
    const object = await largest(subject);
    await subject.damage?.truncate(ID, object.name, object.size - 1);
    isNamed(await failsWith(verified(subject), 'GRIT_IMAGE_PART_TRUNCATED'), object);
  },

  'an image without its manifest is refused, and not listed': async (subject) => {
    await storeWhole(subject, ID);
    await subject.damage?.removeManifest(ID);
    await isInvisible(await subject.reopen(), ID);
    await failsWith(openImage(subject.storage, ID, NEVER), 'GRIT_IMAGE_MANIFEST_MISSING');
    await subject.storage.delete(ID, NEVER);
    await failsWith(subject.storage.open(ID, NEVER), 'GRIT_CHECKPOINT_NOT_FOUND');
  },
};

/** The call gets every object once, each in an image of its own: how many there are may differ from one write to the next. */
async function eachObject(subject: StorageSubject, call: (object: StoredObject) => Promise<void>): Promise<void> {
  for (let at = 0; ; at++) {
    const object = (await objects(subject))[at];
    if (object !== undefined) await call(object);
    await subject.storage.delete(ID, NEVER);
    if (object !== undefined) continue;
    assert.ok(at > 0, 'the image has no object');
    return;
  }
}

async function largest(subject: StorageSubject): Promise<StoredObject> {
  const [first, ...others] = await objects(subject);
  assert.ok(first);
  return others.reduce((most, object) => (object.size > most.size ? object : most), first);
}

async function objects(subject: StorageSubject): Promise<StoredObject[]> {
  const { manifest } = await storeWhole(subject, ID);
  const names = ['rows', ...manifest.packs.map(({ name }) => `packs/${name}`)];
  const reader = await subject.storage.open(ID, NEVER);
  return Promise.all(names.map(async (name) => ({ name, size: await reader.size(name, NEVER) })));
}

async function refused(subject: StorageSubject, object: StoredObject, code: ErrorCode): Promise<void> {
  isNamed(await failsWith(verified(subject), code), object);
  const copy = join(subject.directory, 'copy');
  await rm(copy, { recursive: true, force: true });
  isNamed(await failsWith(fetched(subject, copy), code), object);
  for (const name of PART_NAMES) {
    const bytes = await readFile(join(copy, name)).catch(() => undefined);
    assert.ok(bytes === undefined || bytes.equals(IMAGE_BYTES[name]), `damaged bytes of ${name} were handed out`);
  }
}

async function verified({ storage }: StorageSubject): Promise<void> {
  await verifyImage(await openImage(storage, ID, NEVER), { signal: NEVER });
}

async function fetched({ storage }: StorageSubject, copy: string): Promise<void> {
  await fetchImage(await openImage(storage, ID, NEVER), copy, { signal: NEVER });
}

/** The error names the part that is hit, or else the object. */
function isNamed(error: Awaited<ReturnType<typeof failsWith>>, object: StoredObject): void {
  const part = error.details?.part;
  assert.ok(
    typeof part === 'string' && [object.name, ...PART_NAMES].includes(part),
    `it names ${JSON.stringify(part)}`,
  );
  assert.ok(error.message.includes(part) || (part === 'rows' && /\btable\b/.test(error.message)), error.message);
}
