// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { isGritError } from '@grit/plugin-api';
import { PvcStorage } from '../src/pvc-storage.js';
import { StoppedCall, controlSteps } from './stopped-call.js';

const NEVER = new AbortController().signal;
const MANIFEST = Buffer.from('{"manifest":1}');
const PACKS = { 'pk-0': Buffer.alloc(5000, 1), 'pk-1': Buffer.alloc(6000, 2), base: Buffer.alloc(7000, 3) };
const ROWS = Buffer.alloc(100, 4);
/** More than any call takes. */
const MOST_STEPS = 200;

describe('storage-pvc: an end between any two steps', () => {
  let home = '';
  let path = '';
  let release: () => void;
  before(() => (release = controlSteps()));
  after(() => release());
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'grit-pvc-steps-'));
    path = join(home, 'store');
  });
  afterEach(() => rm(home, { recursive: true }));

  it('of a write: images are whole or not there, the next writer finds what was staged, and the slow one is fenced', async function () {
    this.timeout(120_000);
    await commitBase(path);
    const steps = await eachStep(async (step) => {
      await leaveRemains(path);
      const done: string[] = [];
      const call = new StoppedCall(step, () => writeImage(path, done));
      const stopped = await call.stopped();
      const committed = await isWhole(path);

      const found: string[] = [];
      await writeImage(path, found);
      const expected = done.includes('staged') ? ['pk-0', 'pk-1'] : ['pk-0'];
      if (!committed) assert.deepEqual(found.slice(0, -1), expected, `staged at step ${step}`);
      assert.ok(await isWhole(path));

      const error = await call.resume();
      if (stopped && error !== undefined) assert.ok(isOvertaken(error), `step ${step}: ${inspect(error)}`);
      else assert.equal(error, undefined, `step ${step}`);
      assert.ok(await isWhole(path), `step ${step}: the slow one has done harm`);
      await isClean(path, step);
      await new PvcStorage({ path }).delete('c-1', NEVER);
      return stopped;
    });
    assert.ok(steps > 20, `only ${steps} steps were seen`);
  });

  it('of a delete: the image is whole or not there, and the delete is repeated', async () => {
    await commitBase(path);
    await eachStep(async (step) => {
      await leaveRemains(path);
      await writeImage(path, []);
      const storage = new PvcStorage({ path });
      const call = new StoppedCall(step, () => storage.delete('c-1', NEVER));
      const stopped = await call.stopped();
      await isWhole(path);
      await new PvcStorage({ path }).delete('c-1', NEVER);
      assert.equal(await isWhole(path), false);
      assert.equal(await call.resume(), undefined, `step ${step}`);
      await isClean(path, step);
      return stopped;
    });
  });

  it('of an abort: nothing of it is seen, and the abort is repeated by the next writer', async () => {
    await commitBase(path);
    await eachStep(async (step) => {
      const writer = await new PvcStorage({ path }).begin('c-1', NEVER);
      await writeFile(join(await writer.staging!(NEVER), 'pk-0'), PACKS['pk-0']);
      const call = new StoppedCall(step, () => writer.abort(NEVER));
      const stopped = await call.stopped();
      const next = await new PvcStorage({ path }).begin('c-1', NEVER);
      assert.equal(await call.resume(), undefined, `step ${step}`);
      assert.ok((await readdir(await next.staging!(NEVER))).length <= 1, `step ${step}`);
      await next.abort(NEVER);
      await isClean(path, step);
      return stopped;
    });
  });
});

/** Calls with 1, 2, 3 … until a call was not stopped any more; gives the number of steps. */
async function eachStep(call: (step: number) => Promise<boolean>): Promise<number> {
  for (let step = 1; step < MOST_STEPS; step++) if (!(await call(step))) return step - 1;
  return assert.fail('it never came to its end');
}

async function commitBase(path: string): Promise<void> {
  const writer = await new PvcStorage({ path }).begin('c-base', NEVER);
  await writer.put('packs/base', pieces(PACKS.base), { signal: NEVER });
  await writer.commit(MANIFEST, NEVER);
}

/** What two dead writers left: the newer staging has a pack, the older one something else. */
async function leaveRemains(path: string): Promise<void> {
  const old = join(path, 'writing', 'c-1.000000000000');
  await mkdir(join(old, 'staging'), { recursive: true });
  await writeFile(join(old, 'staging', 'older'), '');
  await utimes(join(old, 'staging'), 1, 1);
  const dead = join(path, 'writing', 'c-1.111111111111');
  await mkdir(join(dead, 'image', 'parts'), { recursive: true });
  await writeFile(join(dead, 'image', 'parts', 'stale'), '');
  await mkdir(join(dead, 'adopted'));
  await mkdir(join(dead, 'staging'));
  await writeFile(join(dead, 'staging', 'pk-0'), PACKS['pk-0']);
}

/** Writes the image as a packer does: packs that are staged already are used again. Notes what it found, and `staged`. */
async function writeImage(path: string, notes: string[]): Promise<void> {
  const writer = await new PvcStorage({ path }).begin('c-1', NEVER);
  const staging = await writer.staging!(NEVER);
  const found = (await readdir(staging)).sort();
  notes.push(...found);
  for (const name of ['pk-0', 'pk-1'] as const) {
    if (!found.includes(name)) await writeFile(join(staging, name), PACKS[name]);
    assert.deepEqual(await readFile(join(staging, name)), PACKS[name]);
  }
  notes.push('staged');
  assert.deepEqual(await writer.adopt!('c-base', ['packs/base'], NEVER), ['packs/base']);
  for (const name of ['pk-0', 'pk-1'] as const) {
    assert.ok(await writer.putFile!(`packs/${name}`, join(staging, name), { signal: NEVER }));
  }
  assert.ok(await writer.putAdopted!('packs/base', NEVER));
  await writer.put('rows', pieces(ROWS), { signal: NEVER });
  await writer.commit(MANIFEST, NEVER);
}

/** False when the image is not there; fails when it is not whole, or another one is there or is harmed. */
async function isWhole(path: string): Promise<boolean> {
  const storage = new PvcStorage({ path });
  const ids: string[] = [];
  for await (const { id } of storage.list(NEVER)) ids.push(id);
  const there = ids.includes('c-1');
  assert.deepEqual(ids.sort(), there ? ['c-1', 'c-base'] : ['c-base']);
  const parts = (id: string): string => join(path, 'images', id, 'parts');
  assert.deepEqual(await readFile(join(parts('c-base'), 'packs/base')), PACKS.base);
  if (!there) return false;
  assert.deepEqual((await readdir(join(path, 'images/c-1'))).sort(), ['manifest.json', 'parts']);
  assert.deepEqual((await readdir(parts('c-1'))).sort(), ['packs', 'rows']);
  assert.deepEqual((await readdir(join(parts('c-1'), 'packs'))).sort(), Object.keys(PACKS).sort());
  for (const [name, bytes] of Object.entries(PACKS)) {
    assert.deepEqual(await readFile(join(parts('c-1'), 'packs', name)), bytes, name);
  }
  assert.deepEqual(await readFile(join(parts('c-1'), 'rows')), ROWS);
  return true;
}

/** Nothing is left of any writer, and a check empties the trash. */
async function isClean(path: string, step: number): Promise<void> {
  assert.deepEqual(await readdir(join(path, 'writing')), [], `writing/ after step ${step}`);
  await new PvcStorage({ path }).check(NEVER);
  assert.deepEqual(await readdir(join(path, 'trash')), [], `trash/ after step ${step}`);
}

/** What a writer that was overtaken gets: our code from the store, or its own files are gone. */
function isOvertaken(error: unknown): boolean {
  if (isGritError(error)) return error.code === 'GRIT_STEP_FENCED';
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield bytes;
}
