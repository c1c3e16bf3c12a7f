// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { link, mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { isGritError, type Collected, type CollectOptions, type Garbage } from '@grit/plugin-api';
import { PvcStorage } from '../src/pvc-storage.js';
import { StoppedCall, controlSteps } from './stopped-call.js';

const NEVER = new AbortController().signal;
const DAY_MS = 86_400_000;
const MANIFEST = Buffer.from('{"manifest":1}');
const PACK = Buffer.alloc(5000, 1);
/** Everything is older than that. */
const NO_GRACE = -60_000;
const MOST_STEPS = 60;

describe('storage-pvc: collect', () => {
  let home = '';
  let path = '';
  let storage: PvcStorage;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'grit-pvc-collect-'));
    path = join(home, 'store');
    storage = new PvcStorage({ path });
    await commit('c-1');
  });
  afterEach(() => rm(home, { recursive: true }));

  async function commit(id: string): Promise<void> {
    const writer = await storage.begin(id, NEVER);
    await writer.put('packs/pk-1', once(PACK), { signal: NEVER });
    await writer.commit(MANIFEST, NEVER);
  }
  /** A writer that was killed. */
  async function abandon(id: string): Promise<void> {
    const writer = await new PvcStorage({ path }).begin(id, NEVER);
    await writeFile(join(await writer.staging!(NEVER), 'pk-9'), PACK);
    await writer.adopt!('c-1', ['packs/pk-1'], NEVER);
  }
  async function collected(
    options: Partial<CollectOptions> = {},
  ): Promise<Collected & { readonly garbage: readonly Garbage[] }> {
    const garbage: Garbage[] = [];
    const result = await storage.collect({ signal: NEVER, onGarbage: (one) => garbage.push(one), ...options });
    return { ...result, garbage };
  }
  const isWhole = async (id: string): Promise<void> => {
    const reader = await storage.open(id, NEVER);
    assert.deepEqual(Buffer.from(await reader.manifest(NEVER)), MANIFEST);
    assert.equal(await reader.size('packs/pk-1', NEVER), PACK.length);
  };

  it('a store with images alone loses nothing; what images share takes its room once', async () => {
    const writer = await storage.begin('c-2', NEVER);
    await writer.adopt!('c-1', ['packs/pk-1'], NEVER);
    assert.ok(await writer.putAdopted!('packs/pk-1', NEVER));
    await writer.commit(MANIFEST, NEVER);
    const { used, removed, waiting, garbage } = await collected({ graceMs: NO_GRACE });
    assert.deepEqual(used, { objects: 4, bytes: PACK.length + 2 * MANIFEST.length });
    assert.deepEqual([removed.objects, waiting.objects, garbage.length], [0, 0, 0]);
    await isWhole('c-1');
    await isWhole('c-2');
  });

  it('a writer within the grace period keeps what it has; one that is silent for longer goes, with what it alone had', async () => {
    await abandon('c-3');
    const young = await collected();
    assert.deepEqual([young.removed.objects, young.garbage.length], [0, 0]);
    assert.equal(young.used.bytes, 2 * PACK.length + MANIFEST.length);

    const [name = ''] = await readdir(join(path, 'writing'));
    const dry = await collected({ graceMs: NO_GRACE, dryRun: true });
    assert.deepEqual(dry.removed, { objects: 2, bytes: PACK.length });
    assert.deepEqual(
      dry.garbage.map(({ key, size, why, then }) => ({ key, size, why, then })),
      [{ key: `writing/${name}`, size: PACK.length, why: 'abandoned', then: 'removed' }],
    );
    assert.deepEqual(await readdir(join(path, 'writing')), [name]);

    assert.deepEqual((await collected({ graceMs: NO_GRACE })).removed, dry.removed);
    assert.deepEqual(await readdir(join(path, 'writing')), []);
    assert.deepEqual(await readdir(join(path, 'trash')), []);
    await isWhole('c-1');
  });

  it('the age is that of the youngest thing in it, and a directory that was taken over is young', async () => {
    await abandon('c-3');
    const [name = ''] = await readdir(join(path, 'writing'));
    const old = (Date.now() - 3 * DAY_MS) / 1_000;
    const entries = await readdir(join(path, 'writing'), { recursive: true });
    for (const entry of entries.toSorted((a, b) => b.length - a.length)) {
      await utimes(join(path, 'writing', entry), old, old);
    }
    // Its times say three days; its inode says that it was renamed, or had its times changed, just now.
    assert.equal((await collected()).removed.objects, 0);
    assert.deepEqual(await readdir(join(path, 'writing')), [name]);
  });

  it('trash goes at once; remains of a check and of a new manifest go when they are old', async () => {
    await mkdir(join(path, 'trash/x.0123456789ab/parts'), { recursive: true });
    await writeFile(join(path, 'trash/x.0123456789ab/parts/a'), PACK);
    await link(join(path, 'images/c-1/parts/packs/pk-1'), join(path, 'trash/x.0123456789ab/parts/b'));
    await writeFile(join(path, 'writing/.probe-x.0123456789ab'), 'x');
    await writeFile(join(path, 'images/c-1/manifest.json.0123456789ab'), '{}');
    const first = await collected();
    assert.deepEqual(first.removed, { objects: 2, bytes: PACK.length });
    assert.deepEqual(await readdir(join(path, 'trash')), []);
    await collected({ graceMs: NO_GRACE });
    assert.deepEqual(await readdir(join(path, 'writing')), []);
    assert.deepEqual((await readdir(join(path, 'images/c-1'))).toSorted(), ['manifest.json', 'parts']);
    await isWhole('c-1');
  });

  it('what it does not know is told and left, also an image that has lost its manifest', async () => {
    await mkdir(join(path, 'lost+found'));
    await writeFile(join(path, 'notes.txt'), 'mine');
    await writeFile(join(path, 'writing/notes.txt'), 'mine');
    await mkdir(join(path, 'images/Not an image'));
    await commit('c-2');
    await rm(join(path, 'images/c-2/manifest.json'));
    const { garbage, removed } = await collected({ graceMs: NO_GRACE });
    assert.deepEqual(garbage.map(({ key, why, then }) => `${key} ${why} ${then}`).toSorted(), [
      'images/Not an image unknown left',
      'images/c-2 unknown left',
      'notes.txt unknown left',
      'writing/notes.txt unknown left',
    ]);
    assert.equal(removed.objects, 0);
    assert.deepEqual((await readdir(path)).toSorted(), [
      '.grit-store',
      'images',
      'lost+found',
      'notes.txt',
      'trash',
      'writing',
    ]);
  });

  it('ends when it is told to, and a directory that is no store is none', async () => {
    await assert.rejects(storage.collect({ signal: AbortSignal.abort() }), hasCode('GRIT_ABORTED'));
    const nowhere = new PvcStorage({ path: join(home, 'nowhere'), create: false });
    await assert.rejects(nowhere.collect({ signal: NEVER }), hasCode('GRIT_STORAGE_UNAVAILABLE'));
  });

  describe('an end between any two steps', () => {
    let release: () => void;
    before(() => (release = controlSteps()));
    after(() => release());

    /** Does it with each step to stop at, until it comes to its end before. */
    async function eachStep(attempt: (step: number) => Promise<boolean>): Promise<void> {
      for (let step = 1; step <= MOST_STEPS; step++) if (!(await attempt(step))) return;
      assert.fail('it never ends');
    }

    it('of a collection: images are whole, and the next one removes what is left', async () => {
      await eachStep(async (step) => {
        await abandon('c-3');
        await abandon('c-4');
        const call = new StoppedCall(step, async () => {
          await new PvcStorage({ path }).collect({ signal: NEVER, graceMs: NO_GRACE });
        });
        const stopped = await call.stopped();
        await isWhole('c-1');
        await collected({ graceMs: NO_GRACE });
        assert.deepEqual(await readdir(join(path, 'writing')), [], `step ${step}`);
        assert.deepEqual(await readdir(join(path, 'trash')), [], `step ${step}`);
        assert.equal(await call.resume(), undefined, `step ${step}`);
        await isWhole('c-1');
        return stopped;
      });
    });

    it('of a writer that takes over what was abandoned: it has all or is fenced, and what is committed is whole', async () => {
      await eachStep(async (step) => {
        await abandon('c-3');
        const call = new StoppedCall(step, async () => {
          const writer = await new PvcStorage({ path }).begin('c-3', NEVER);
          await writer.put('packs/pk-1', once(PACK), { signal: NEVER });
          await writer.commit(MANIFEST, NEVER);
        });
        const stopped = await call.stopped();
        // One that keeps the grace period harms nobody; one that does not may fence, and never does more.
        await collected();
        await collected({ graceMs: NO_GRACE });
        const error = await call.resume();
        if (error === undefined) await isWhole('c-3');
        else assert.ok(hasCode('GRIT_STEP_FENCED')(error), `step ${step}: ${inspect(error)}`);
        await isWhole('c-1');
        await storage.delete('c-3', NEVER);
        return stopped;
      });
    });
  });
});

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield bytes;
}

function hasCode(code: string): (error: unknown) => boolean {
  return (error) => isGritError(error) && error.code === code;
}
