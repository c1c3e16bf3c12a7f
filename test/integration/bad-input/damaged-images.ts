// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { cp, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Machine } from '../machine/machine.js';
import { Counted, apiVersion, failed, never, partOf } from './counted.js';
import { flipByte, largestObject, partsOf, type StoredObject } from './damage.js';

/** A restore of an image that is damaged. */
export function damagedImages(platform: () => Machine): void {
  let machine: Machine;
  let counted: Counted;
  let checkpoint: string;
  let image: string;
  let pack: StoredObject;
  let parts: readonly string[];
  let lines: number;

  before(async () => {
    machine = platform();
    counted = await Counted.start(machine, 'restored');
    await counted.log.untilGrown();
    const status = await counted.checkpoint('stop');
    assert.equal(status.outcome, 'Checkpointed', JSON.stringify(status.error));
    checkpoint = status.checkpoint ?? '';
    image = join(counted.store, 'images', checkpoint);
    pack = await largestObject(image);
    parts = await partsOf(image);
    lines = await counted.log.check();
    await cp(image, `${image}-whole`, { recursive: true });
  });

  afterEach(async () => {
    await rm(image, { recursive: true, force: true });
    await cp(`${image}-whole`, image, { recursive: true });
  });

  const manifest = (): string => join(image, 'manifest.json');
  const ANY_PART = () => parts;
  const damages: readonly (readonly [string, () => Promise<unknown>, string, () => readonly string[]])[] = [
    ['a wrong byte in a pack', () => flipByte(pack.path), 'GRIT_IMAGE_PART_CORRUPT', ANY_PART],
    ['a pack cut off', () => truncate(pack.path, Math.floor(pack.size / 2)), 'GRIT_IMAGE_PART_TRUNCATED', ANY_PART],
    [
      'a pack that grew',
      async () => writeFile(pack.path, Buffer.alloc(1), { flag: 'a' }),
      'GRIT_IMAGE_PART_TRUNCATED',
      ANY_PART,
    ],
    ['a pack that is gone', () => rm(pack.path), 'GRIT_IMAGE_PART_MISSING', ANY_PART],
    ['no table', () => rm(join(image, 'parts', 'rows')), 'GRIT_IMAGE_PART_MISSING', () => ['rows']],
    [
      'two objects exchanged with each other',
      async () => {
        const other = await largestObject(image, 1);
        await rename(pack.path, `${pack.path}.x`);
        await rename(other.path, pack.path);
        await rename(`${pack.path}.x`, other.path);
      },
      'GRIT_IMAGE_PART_TRUNCATED',
      () => [...parts, 'rows'],
    ],
    ['no manifest', () => rm(manifest()), 'GRIT_IMAGE_MANIFEST_MISSING', () => ['manifest.json']],
    [
      'half a manifest',
      async () => writeFile(manifest(), (await readFile(manifest())).subarray(0, 200)),
      'GRIT_IMAGE_MANIFEST_INVALID',
      () => ['manifest.json'],
    ],
    [
      'a manifest with one digit changed',
      async () => {
        const text = await readFile(manifest(), 'utf8');
        await writeFile(
          manifest(),
          text.replace(/"createdAt":(\d)/, (_, digit) => `"createdAt":${digit === '1' ? 2 : 1}`),
        );
        assert.notEqual(await readFile(manifest(), 'utf8'), text);
      },
      'GRIT_IMAGE_MANIFEST_INVALID',
      () => ['manifest.json'],
    ],
  ];

  for (const [what, damage, code, names] of damages) {
    it(`${what}: ${code}, and nothing runs`, async () => {
      await damage();
      const status = await machine.operate({ apiVersion, kind: 'restore', checkpoint });
      failed(status, code, 'Unchanged');
      assert.ok(names().includes(partOf(status)), partOf(status));
      await stayedStopped();
    });
  }

  it('no image at all: GRIT_CHECKPOINT_NOT_FOUND', async () => {
    await rm(image, { recursive: true });
    failed(
      await machine.operate({ apiVersion, kind: 'restore', checkpoint }),
      'GRIT_CHECKPOINT_NOT_FOUND',
      'Unchanged',
    );
    await stayedStopped();
  });

  it('on another node: the same', async () => {
    await flipByte(pack.path);
    const status = await machine.operate({ apiVersion, kind: 'restore', checkpoint, node: 'b' });
    failed(status, 'GRIT_IMAGE_PART_CORRUPT', 'Unchanged');
    assert.ok(parts.includes(partOf(status)), partOf(status));
    await stayedStopped();
  });

  it('succeeds when the bytes are right again, and goes on at the very line', async () => {
    const status = await machine.operate({ apiVersion, kind: 'restore', checkpoint });
    assert.equal(status.outcome, 'Restored', JSON.stringify(status.error));
    await counted.runs();
  });

  it('is refused while a copy runs', async () => {
    failed(await machine.operate({ apiVersion, kind: 'restore', checkpoint }), 'GRIT_WORKLOAD_RUNNING', 'Unchanged');
    await counted.runs();
  });

  /** Never a fresh start: not a line was written. */
  async function stayedStopped(): Promise<void> {
    const record = await machine.client.getWorkload('restored', never);
    assert.ok(record.state === 'stopped' || record.state === 'exited', record.state);
    assert.equal(record.busy, undefined);
    assert.equal(await counted.log.check(), lines);
  }
}
