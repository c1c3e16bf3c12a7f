// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { setImmediate as macrotask } from 'node:timers/promises';
import { GritError, isGritError } from '@grit/plugin-api';
import { BlobStorage } from '../../src/store/blob-storage.js';
import { Bucket, MemoryObjects, type Gate } from '../memory-objects.js';
import { checkWhole, committedIn, orphansIn } from '../model/bucket-truth.js';

const NEVER = new AbortController().signal;
const GRACE_MS = 1000;
const MOST_REQUESTS = 200;
const IDENTITY = 'sha256:00';

/** What becomes of the request that it happens to. */
const ENDS = ['crash before', 'crash after', 'fails', 'fails, but was done'] as const;
type End = (typeof ENDS)[number];

/** A bucket with a clock, and processes that use it. */
class World {
  clock = 1_000_000;
  readonly bucket = new Bucket(() => this.clock);

  constructor(readonly deleteIf: boolean) {}

  storage(gate?: Gate): BlobStorage {
    const { bucket, deleteIf } = this;
    return new BlobStorage({ open: async () => new MemoryObjects(bucket, gate, { deleteIf }), now: () => this.clock });
  }

  collect(storage = this.storage()): Promise<unknown> {
    return storage.collect({ signal: NEVER, graceMs: GRACE_MS });
  }
}

type Call = (storage: BlobStorage, world: World) => Promise<unknown>;

/** What is interrupted, and what a new process does to finish it. */
const CALLS: Readonly<Record<string, { readonly before?: Call; readonly call: Call; readonly after: Call }>> = {
  'a write': {
    before: (storage) => write(storage, 'c-base', []),
    call: (storage) => write(storage, 'c-1', ['packs/base']),
    after: async (storage, { bucket }) => {
      await write(storage, 'c-1', ['packs/base']);
      assert.deepEqual([...committedIn(bucket).keys()].sort(), ['c-1', 'c-base']);
    },
  },
  'a write after a writer that died': {
    before: async (storage) => {
      await write(storage, 'c-base', []);
      const lost = await storage.begin('c-1', NEVER);
      await lost.adopt!('c-base', ['packs/base'], NEVER);
      await lost.put('packs/own', bytesOf('packs/own'), { signal: NEVER, identity: IDENTITY });
      await lost.put('rows', bytesOf('rows'), { signal: NEVER });
      await storage.delete('c-base', NEVER);
    },
    call: (storage) => write(storage, 'c-1', ['packs/base']),
    after: async (storage, { bucket }) => {
      await write(storage, 'c-1', ['packs/base']);
      assert.deepEqual([...committedIn(bucket).keys()], ['c-1']);
    },
  },
  'an abort': {
    call: async (storage) => {
      const writer = await storage.begin('c-1', NEVER);
      await writer.put('packs/own', bytesOf('packs/own'), { signal: NEVER, identity: IDENTITY });
      await writer.abort(NEVER);
    },
    after: (storage) => write(storage, 'c-1', []),
  },
  'a delete of an image whose pack another one has': {
    before: async (storage) => {
      await write(storage, 'c-base', []);
      await write(storage, 'c-1', ['packs/base']);
    },
    call: (storage) => storage.delete('c-base', NEVER),
    after: async (storage, { bucket }) => {
      await storage.delete('c-base', NEVER);
      assert.deepEqual([...committedIn(bucket).keys()], ['c-1']);
    },
  },
  'a delete of what is being written': {
    before: async (storage) => {
      const writer = await storage.begin('c-1', NEVER);
      await writer.put('packs/own', bytesOf('packs/own'), { signal: NEVER, identity: IDENTITY });
    },
    call: (storage) => storage.delete('c-1', NEVER),
    after: async (storage, { bucket }) => {
      await storage.delete('c-1', NEVER);
      assert.equal(committedIn(bucket).size, 0);
    },
  },
  'a collection': {
    before: async (storage, world) => {
      await write(storage, 'c-base', []);
      await write(storage, 'c-1', ['packs/base']);
      await storage.begin('c-2', NEVER);
      await storage.delete('c-base', NEVER);
      world.clock += 2 * GRACE_MS;
      await world.collect();
    },
    call: (storage, world) => world.collect(storage),
    after: async (_, { bucket }) => {
      assert.deepEqual([...committedIn(bucket).keys()], ['c-1']);
    },
  },
  'a new manifest': {
    before: (storage) => write(storage, 'c-1', []),
    call: (storage) => replace(storage),
    after: async (storage) => {
      await replace(storage);
      const reader = await storage.open('c-1', NEVER);
      assert.equal(Buffer.from(await reader.manifest(NEVER)).toString(), 'second');
    },
  },
};

for (const deleteIf of [false, true]) {
  describe(`storage-blob: an end at any request${deleteIf ? ', with conditional deletes' : ''}`, () => {
    for (const [what, { before, call, after }] of Object.entries(CALLS)) {
      for (const end of ENDS) {
        it(`of ${what}: ${end}`, async () => {
          for (let at = 1; ; at++) {
            assert.ok(at < MOST_REQUESTS, 'it never came to its end');
            const world = new World(deleteIf);
            await before?.(world.storage(), world);
            const met = await interrupted(world, call, at, end);
            checkWhole(world.bucket);
            await after(world.storage(), world);
            checkWhole(world.bucket);
            world.clock += 2 * GRACE_MS;
            await world.collect();
            await world.collect();
            checkWhole(world.bucket);
            assert.deepEqual(orphansIn(world.bucket), [], `orphans after request ${at}`);
            if (met) continue;
            assert.ok(at > 2, 'it made too few requests');
            break;
          }
        });
      }
    }
  });
}

/** Makes the call, and an end of its nth request. False when it did not come that far. */
async function interrupted(world: World, call: Call, nth: number, end: End): Promise<boolean> {
  let made = 0;
  const gate: Gate = async (_, apply) => {
    if (++made < nth || (made > nth && end.startsWith('fails'))) return apply();
    const happens = end === 'crash after' || end === 'fails, but was done';
    if (made === nth && happens) apply();
    if (end.startsWith('crash')) return new Promise<never>(() => undefined);
    throw new GritError('GRIT_STORAGE_UNAVAILABLE', 'no answer');
  };
  const failures: unknown[] = [];
  const called = call(world.storage(gate), world).catch((error: unknown) => failures.push(error));
  if (end.startsWith('fails')) await called;
  // What does not wait for a request has ended by then.
  else for (let turn = 0; turn < 50; turn++) await macrotask();
  for (const failure of failures) if (!isGritError(failure)) throw failure;
  return made >= nth;
}

/** Writes an image as a packer does. */
async function write(storage: BlobStorage, id: string, adopt: readonly string[]): Promise<void> {
  const writer = await storage.begin(id, NEVER);
  await writer.adopt!('c-base', adopt, NEVER);
  for (const name of adopt) {
    if (!(await writer.putAdopted!(name, NEVER))) await writer.put(name, bytesOf(name), { signal: NEVER });
  }
  if (adopt.length === 0) await writer.put('packs/base', bytesOf('packs/base'), { signal: NEVER });
  await writer.put('packs/own', bytesOf('packs/own'), { signal: NEVER, identity: IDENTITY });
  await writer.put('rows', bytesOf('rows'), { signal: NEVER });
  await writer.commit(Buffer.from('first'), NEVER);
}

async function replace(storage: BlobStorage): Promise<void> {
  const manifests = { expected: Buffer.from('first'), manifest: Buffer.from('second') };
  await storage.replaceManifest('c-1', manifests, NEVER);
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array, void> {
  yield Buffer.from(text);
}
