// SPDX-License-Identifier: Apache-2.0
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isImageId, throwIfAborted } from '@grit/image';
import type { Collected, CollectOptions, Garbage } from '@grit/plugin-api';
import { isErrno } from '../storage-error.js';
import type { StoreDirectory } from '../store-directory.js';
import { namesIn, readTree, type FileTree } from './file-tree.js';
import { Tally } from './tally.js';

const DAY_MS = 86_400_000;
/** The directory of a writer, and the file of a check. */
const WRITER = /^(.+)\.[0-9a-f]{12}$/;
const PROBE = /^\.probe-x\.[0-9a-f]{12}$/;
const BESIDE = /^manifest\.json\.[0-9a-f]{12}$/;
/** Made by the file system. */
const OF_THE_VOLUME = 'lost+found';

/** How something is called that is looked at, and what it would be if nobody had touched it for long. */
interface Suspect {
  /** Relative to the store. */
  readonly key: string;
  readonly image?: string | undefined;
  readonly object?: string | undefined;
  readonly why: Garbage['why'];
  readonly remove?: () => Promise<void>;
  /** Removed whatever its age: it was given up for good. */
  readonly atOnce?: boolean;
}

/**
 * Removes what no image needs. An image that is committed is never touched. The directory of a writer goes when nothing in it was
 * written for the grace period; by one rename, so that it is there whole or not at all, under a name that no other writer has: one that
 * has taken it over in the meantime keeps it.
 */
export async function collect(
  store: StoreDirectory,
  { signal, graceMs = DAY_MS, dryRun = false, onGarbage }: CollectOptions,
): Promise<Collected> {
  const now = Date.now();
  const tally = new Tally();
  const images = await committedImages(store, signal);
  for (const { tree } of images.committed) tally.add('used', tree);

  // Those that are at work first: what they have linked is theirs, not that of a dead one.
  const suspects: { readonly suspect: Suspect; readonly tree: FileTree }[] = [];
  for (const suspect of [...images.suspects, ...(await elsewhere(store))]) {
    throwIfAborted(signal);
    const tree = await readTree(join(store.path, suspect.key), signal);
    if (tree !== undefined) suspects.push({ suspect, tree });
  }
  suspects.sort((a, b) => Number(isOld(a)) - Number(isOld(b)));
  for (const { suspect, tree } of suspects) {
    throwIfAborted(signal);
    const then = isOld({ suspect, tree }) ? (suspect.remove === undefined ? 'left' : 'removed') : 'young';
    const live = then === 'young' && suspect.why === 'abandoned';
    const size = tally.add(
      suspect.why === 'unknown' ? undefined : live ? 'used' : then === 'removed' ? 'removed' : 'waiting',
      tree,
    );
    if (!live) {
      const { key, image, object, why } = suspect;
      onGarbage?.({ key, image, object, size, ageMs: Math.max(0, now - tree.touchedAt), why, then });
    }
    if (then === 'removed' && !dryRun) await suspect.remove?.();
  }
  return tally.collected;

  function isOld({ suspect, tree }: { readonly suspect: Suspect; readonly tree: FileTree }): boolean {
    return suspect.atOnce === true || suspect.why === 'unknown' || now - tree.touchedAt > graceMs;
  }
}

async function committedImages(
  store: StoreDirectory,
  signal: AbortSignal,
): Promise<{ readonly committed: readonly { readonly tree: FileTree }[]; readonly suspects: readonly Suspect[] }> {
  const committed: { readonly tree: FileTree }[] = [];
  const suspects: Suspect[] = [];
  for (const name of await namesIn(store.images)) {
    throwIfAborted(signal);
    const key = `images/${name}`;
    // What is left of an image that has lost its manifest may be worth something to somebody.
    if (!isImageId(name) || !(await store.isCommitted(name))) {
      suspects.push({ key, why: 'unknown' });
      continue;
    }
    const tree = await readTree(store.image(name), signal);
    if (tree !== undefined) committed.push({ tree });
    for (const beside of (await namesIn(store.image(name))).filter((other) => BESIDE.test(other))) {
      suspects.push({
        key: `${key}/${beside}`,
        image: name,
        object: beside,
        why: 'abandoned',
        remove: () => unlink(join(store.image(name), beside)),
      });
    }
  }
  return { committed, suspects };
}

/** Everything that is no image. */
async function elsewhere(store: StoreDirectory): Promise<Suspect[]> {
  const suspects: Suspect[] = [];
  for (const name of await namesIn(store.path)) {
    if (!store.ownNames.includes(name) && name !== OF_THE_VOLUME) suspects.push({ key: name, why: 'unknown' });
  }
  for (const name of await namesIn(store.writing)) {
    const path = join(store.writing, name);
    const key = `writing/${name}`;
    const id = WRITER.exec(name)?.[1];
    if (PROBE.test(name)) suspects.push({ key, why: 'abandoned', remove: () => unlink(path) });
    else if (isImageId(id)) suspects.push({ key, image: id, why: 'abandoned', remove: () => store.remove(path) });
    else suspects.push({ key, why: 'unknown' });
  }
  for (const name of await namesIn(store.trash)) {
    const remove = (): Promise<void> => rm(join(store.trash, name), { recursive: true, force: true, maxRetries: 2 });
    const id = WRITER.exec(name)?.[1];
    suspects.push({
      key: `trash/${name}`,
      image: isImageId(id) ? id : undefined,
      why: 'unused',
      atOnce: true,
      remove: () => remove().catch(ignoreRace),
    });
  }
  return suspects;
}

async function unlink(path: string): Promise<void> {
  await rm(path, { force: true });
}

/** Whoever put it there may be removing it as well. */
function ignoreRace(error: unknown): void {
  if (!isErrno(error, 'ENOENT', 'ENOTEMPTY', 'EEXIST')) throw error;
}
