// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { Collected, CollectOptions, Garbage, StorageProvider } from '@grit/plugin-api';
import { NEVER, eventually, failsAborted } from '../suites/expect.js';
import type { StorageCases } from './storage-subject.js';
import { MANIFEST, bytesOf, commitImage, listed, put, readWhole } from './stored-bytes.js';

const SIZE = 200_000;
const DAY_MS = 86_400_000;

/** For providers with `collect`. */
export const COLLECT_CASES: StorageCases = {
  'collecting takes nothing of an image, nor of a writer that lives': async ({ storage, reopen }) => {
    await commitImage(storage, 'c-base', { 'packs/one': bytesOf(SIZE, 1), rows: bytesOf(9, 2) });
    const writer = await storage.begin('c-live', NEVER);
    await put(writer, 'packs/two', bytesOf(SIZE, 3));
    const held = (await writer.adopt?.('c-base', ['packs/one'], NEVER)) ?? [];
    await storage.delete('c-base', NEVER);
    await commitImage(storage, 'c-other', { 'packs/one': bytesOf(SIZE, 4) });
    const other = await reopen();
    for (let call = 0; call < 3; call++) await collected(other, { graceMs: DAY_MS });
    await put(writer, 'rows', bytesOf(5, 5));
    for (const name of held) assert.equal(await writer.putAdopted?.(name, NEVER), true, name);
    await writer.commit(MANIFEST, NEVER);
    for (let call = 0; call < 3; call++) await settled(other);
    assert.deepEqual(await listed(storage), ['c-live', 'c-other']);
    const live = await storage.open('c-live', NEVER);
    assert.deepEqual(await readWhole(live, 'packs/two'), bytesOf(SIZE, 3));
    assert.deepEqual(await readWhole(live, 'rows'), bytesOf(5, 5));
    for (const name of held) assert.deepEqual(await readWhole(live, name), bytesOf(SIZE, 1));
    const reader = await storage.open('c-other', NEVER);
    assert.deepEqual(await readWhole(reader, 'packs/one'), bytesOf(SIZE, 4));
  },

  'what a deleted image and a writer that is gone have left goes in two calls': async ({ storage, reopen }) => {
    await commitImage(storage, 'c-kept', { 'packs/one': bytesOf(SIZE, 1) });
    await commitImage(storage, 'c-gone', { 'packs/one': bytesOf(SIZE, 2) });
    await storage.delete('c-gone', NEVER);
    const lost = await storage.begin('c-lost', NEVER);
    await put(lost, 'packs/one', bytesOf(SIZE, 3));
    const other = await reopen();
    let bytes = 0;
    for (let call = 0; call < 2; call++) bytes += (await settled(other)).collected.removed.bytes;
    assert.ok(bytes >= SIZE, `${bytes} bytes were removed`);
    const { collected: after, garbage } = await settled(other);
    assert.deepEqual([after.removed.objects, after.waiting.objects, garbage], [0, 0, []]);
    assert.ok(after.used.bytes >= SIZE && after.used.bytes < 2 * SIZE, `${after.used.bytes} bytes are used`);
    assert.deepEqual(await listed(storage), ['c-kept']);
    assert.deepEqual(await readWhole(await storage.open('c-kept', NEVER), 'packs/one'), bytesOf(SIZE, 1));
    // Its place is free for the next one.
    await commitImage(other, 'c-lost', { 'packs/one': bytesOf(SIZE, 4) });
    assert.deepEqual(await readWhole(await storage.open('c-lost', NEVER), 'packs/one'), bytesOf(SIZE, 4));
  },

  'a dry run says what would go, and takes nothing': async ({ storage, reopen }) => {
    const writer = await storage.begin('c-next', NEVER);
    await put(writer, 'packs/one', bytesOf(SIZE, 1));
    const other = await reopen();
    const dry = await settled(other, true);
    assert.ok(dry.garbage.length > 0 || dry.collected.removed.objects > 0, JSON.stringify(dry));
    for (const { key, size, ageMs } of dry.garbage) assert.ok(key !== '' && size >= 0 && ageMs >= 0, key);
    assert.deepEqual(shapeOf(await settled(other, true)), shapeOf(dry));
    await writer.commit(MANIFEST, NEVER);
    assert.deepEqual(await readWhole(await storage.open('c-next', NEVER), 'packs/one'), bytesOf(SIZE, 1));
  },

  'what it does not know it reports and leaves, and a caller that gave up is heard': async ({ storage, litter }) => {
    await commitImage(storage, 'c-one', { 'packs/one': bytesOf(SIZE, 1) });
    await failsAborted(storage.collect?.({ signal: AbortSignal.abort() }) ?? assert.fail('it has no collect'));
    if (litter === undefined) return;
    await litter.put();
    for (let call = 0; call < 3; call++) {
      const { garbage } = await settled(storage);
      assert.deepEqual(
        garbage.map(({ why, then }) => `${why} ${then}`),
        ['unknown left'],
      );
    }
    assert.equal(await litter.isThere(), true);
  },
};

interface Run {
  readonly collected: Collected;
  readonly garbage: readonly Garbage[];
}

/** With no grace period, at a moment when all that was written is older than that. */
async function settled(storage: StorageProvider, dryRun = false): Promise<Run> {
  const now = Date.now();
  await eventually('the clock goes on', () => Date.now() > now + 2);
  return collected(storage, { graceMs: 0, dryRun });
}

async function collected(storage: StorageProvider, options: Omit<CollectOptions, 'signal'>): Promise<Run> {
  const garbage: Garbage[] = [];
  const onGarbage = (one: Garbage): void => void garbage.push(one);
  const found = await storage.collect?.({ ...options, signal: NEVER, onGarbage });
  return { collected: found ?? assert.fail('it has no collect'), garbage };
}

function shapeOf({ collected: { used, removed, waiting }, garbage }: Run): unknown {
  return { used, removed, waiting, garbage: garbage.map(({ key, size, why, then }) => ({ key, size, why, then })) };
}
