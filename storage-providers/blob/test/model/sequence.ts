// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { isGritError, type ErrorCode, type ImageStorageWriter } from '@grit/plugin-api';
import { BlobStorage } from '../../src/store/blob-storage.js';
import { Bucket, MemoryObjects } from '../memory-objects.js';
import { checkWhole, committedIn, orphansIn } from './bucket-truth.js';
import { Random } from './random.js';
import { Turns, type Process } from './turns.js';

const NEVER = new AbortController().signal;
const GRACE_MS = 1000;
const IDS = ['c-a', 'c-a', 'c-b', 'c-c'];
const NAMES = ['packs/p', 'packs/q', 'rows'];
/** What a call may end with where others do what they want. Anything else is a bug. */
const EXPECTED: readonly ErrorCode[] = [
  'GRIT_STORAGE_UNAVAILABLE',
  'GRIT_STEP_FENCED',
  'GRIT_IDEMPOTENCY_CONFLICT',
  'GRIT_CHECKPOINT_NOT_FOUND',
  'GRIT_IMAGE_PART_MISSING',
];

/** What a process does next; undefined: whatever chance says. */
interface Step {
  readonly does: 'write' | 'delete' | 'collect' | 'read' | 'rekey';
  readonly id: string;
  /** The image whose objects a write adopts. */
  readonly base: string;
}

/** What was promised to those who called. */
class Promised {
  /** Images whose commit was answered, and that nobody has begun to delete since. */
  readonly committed = new Set<string>();
  readonly #begun = new Map<string, number>();
  readonly #ended = new Map<string, number>();

  /** A commit of somebody else promises nothing while this goes on; where it dies, never again. */
  async deleting(id: string, call: () => Promise<void>): Promise<void> {
    this.committed.delete(id);
    this.#begun.set(id, (this.#begun.get(id) ?? 0) + 1);
    await call();
    this.#ended.set(id, (this.#ended.get(id) ?? 0) + 1);
  }

  async committing(id: string, call: () => Promise<void>): Promise<void> {
    const ended = this.#ended.get(id);
    await call();
    if (this.#begun.get(id) === ended) this.committed.add(id);
  }
}

/** What a sequence did, to see that it did enough. */
export interface SequenceFigures {
  requests: number;
  commits: number;
  adopted: number;
  resumed: number;
  removed: number;
  crashes: number;
}

/** Several processes do what they like with one bucket; fails where an image that should be there is not, or an orphan stays. */
export async function runSequence(seed: number, figures: SequenceFigures): Promise<void> {
  const random = new Random(seed);
  let clock = 1_000_000;
  const now = (): number => clock;
  const bucket = new Bucket(now);
  const deleteIf = random.chance(50);
  const promised = new Promised();
  const percent = { crash: random.pick([0, 0, 0, 2]), fail: random.pick([0, 0, 0, 4]), stop: random.pick([5, 10, 20]) };
  const turns = new Turns(random, percent, ({ does, key }) => {
    figures.requests++;
    if (random.chance(1)) clock += random.below(GRACE_MS);
    if (does === 'delete' || key.startsWith('images/')) check(bucket, promised);
  });
  const storageOf = (process: Process): BlobStorage =>
    new BlobStorage({ open: async () => new MemoryObjects(bucket, turns.gateOf(process), { deleteIf }), now });
  try {
    // An old world: a young object is never removed, and a grace period of nothing fences every writer.
    const old = new BlobStorage({ open: async () => new MemoryObjects(bucket, undefined, { deleteIf }), now });
    for (let at = random.below(4); at > 0; at--) await act(random, old, promised, figures, stepOf(random));
    if (random.chance(50)) await act(random, old, promised, figures, { does: 'write', id: 'c-a', base: 'c-c' });
    clock += 2 * GRACE_MS;
    if (random.chance(30)) await old.begin(random.pick(IDS), NEVER);
    const lives = livesOf(random);
    const processes = lives.map((_, at) => ({ name: `p${at}`, dead: false }));
    const failures: unknown[] = [];
    for (const [at, process] of processes.entries()) {
      const live = async (): Promise<void> => {
        for (const step of lives[at] ?? []) await act(random, storageOf(process), promised, figures, step);
      };
      live().catch((error: unknown) => failures.push(error));
    }
    await turns.run();
    figures.crashes += processes.filter(({ dead }) => dead).length;
    assert.deepEqual(failures, []);
    await settle(bucket, () => (clock += GRACE_MS), now, deleteIf, figures);
    check(bucket, promised);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new Error(`GRIT_SEED=${seed}: ${said}\n${turns.log.slice(-120).join('\n')}`, { cause: error });
  }
}

function check(bucket: Bucket, { committed }: Promised): void {
  checkWhole(bucket);
  const there = committedIn(bucket);
  for (const id of committed) assert.ok(there.has(id), `${id} was committed and is gone`);
}

/** All processes are gone. Two collections later nothing is left that no image needs. */
async function settle(
  bucket: Bucket,
  wait: () => number,
  now: () => number,
  deleteIf: boolean,
  figures: SequenceFigures,
): Promise<void> {
  const storage = new BlobStorage({ open: async () => new MemoryObjects(bucket, undefined, { deleteIf }), now });
  const options = { signal: NEVER, graceMs: GRACE_MS };
  wait();
  const planned = await storage.collect({ ...options, dryRun: true });
  const first = await storage.collect(options);
  assert.deepEqual(planned, first, 'a dry run says what is done');
  const second = await storage.collect(options);
  figures.removed += first.removed.objects + second.removed.objects;
  assert.deepEqual(orphansIn(bucket), [], 'orphans are left');
  assert.equal(second.waiting.objects, 0);
  wait();
  await storage.collect(options);
  await storage.collect(options);
  const list = bucket.objects.get('collect/condemned.json')?.bytes ?? Buffer.from('{"condemned":{}}');
  const { condemned } = JSON.parse(Buffer.from(list).toString()) as { readonly condemned: Record<string, number> };
  const live = new Set(
    [...committedIn(bucket).values()].flatMap(({ objects }) => [...objects.values()].map((o) => o.key)),
  );
  for (const key of Object.keys(condemned)) {
    assert.ok(
      [...live].some((used) => used.startsWith(key)),
      `${key} stays on the list for ever`,
    );
  }
}

/** The steps of each process. Half of the time they are such that somebody adopts what is deleted and collected meanwhile. */
function livesOf(random: Random): readonly (readonly Step[])[] {
  const lives = Array.from({ length: 2 + random.below(4) }, () =>
    Array.from({ length: 2 + random.below(5) }, () => stepOf(random)),
  );
  if (random.chance(50)) return lives;
  const [base, id] = ['c-a', 'c-b'];
  const adopter: Step = { does: 'write', id, base };
  const others = lives.slice(0, random.below(2)).map((life) => life.slice(0, 2));
  const collect: Step = { does: 'collect', id, base };
  return [[adopter, adopter], [{ does: 'delete', id: base, base }, collect, collect, adopter], ...others];
}

function stepOf(random: Random): Step {
  const does = random.pick(['write', 'write', 'write', 'delete', 'collect', 'collect', 'read', 'rekey'] as const);
  return { does, id: random.pick(IDS), base: random.pick(IDS) };
}

async function act(
  random: Random,
  storage: BlobStorage,
  promised: Promised,
  figures: SequenceFigures,
  { does, id, base }: Step,
): Promise<void> {
  await expected(async () => {
    if (does === 'write') return write(random, storage, { id, base }, promised, figures);
    if (does === 'collect') return collect(storage, random);
    if (does === 'delete') return promised.deleting(id, () => storage.delete(id, NEVER));
    if (does === 'rekey') {
      return storage.replaceManifest(id, { expected: manifestOf(0), manifest: manifestOf(1) }, NEVER);
    }
    const reader = await storage.open(id, NEVER);
    for (const name of NAMES) {
      const target = Buffer.alloc(name.length);
      await reader.readInto?.(name, { start: 0, end: name.length }, target, NEVER);
      assert.equal(target.toString(), name);
    }
  });
}

async function collect(storage: BlobStorage, random: Random): Promise<void> {
  await storage.collect({ signal: NEVER, graceMs: random.pick([0, GRACE_MS, GRACE_MS, GRACE_MS]) });
}

async function write(
  random: Random,
  storage: BlobStorage,
  { id, base }: Pick<Step, 'id' | 'base'>,
  promised: Promised,
  figures: SequenceFigures,
): Promise<void> {
  const writer = await storage.begin(id, NEVER);
  try {
    const adopted = random.chance(70) ? await writer.adopt!(base, NAMES.slice(0, 2), NEVER) : [];
    for (const name of NAMES) await putOne(random, writer, name, adopted, figures);
    if (random.chance(10)) {
      await writer.abort(NEVER);
      return;
    }
    await promised.committing(id, () => writer.commit(manifestOf(random.chance(5) ? 1 : 0), NEVER));
    figures.commits++;
  } catch (error) {
    if (random.chance(50)) await writer.abort(NEVER);
    throw error;
  }
}

async function putOne(
  random: Random,
  writer: ImageStorageWriter,
  name: string,
  adopted: readonly string[],
  figures: SequenceFigures,
): Promise<void> {
  const held = adopted.includes(name) || random.chance(30);
  if (held && (await writer.putAdopted!(name, NEVER))) {
    figures.adopted++;
    return;
  }
  if (random.chance(20)) return;
  const identity = random.chance(70) ? `sha256:${name.replaceAll('/', '-')}` : undefined;
  const bytes = { sent: 0 };
  await writer.put(name, counted(name, bytes), { signal: NEVER, identity });
  if (bytes.sent === 0) figures.resumed++;
}

async function* counted(text: string, bytes: { sent: number }): AsyncGenerator<Uint8Array, void> {
  bytes.sent += text.length;
  yield Buffer.from(text);
}

function manifestOf(version: number): Uint8Array {
  return Buffer.from(`manifest ${version}`);
}

async function expected(call: () => Promise<void>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!isGritError(error) || !EXPECTED.includes(error.code)) throw error;
  }
}
