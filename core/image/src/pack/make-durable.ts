// SPDX-License-Identifier: Apache-2.0
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { inLanes } from '../stream/in-lanes.js';
import { codedPackError } from '../io/coded-pack-error.js';
import { throwIfAborted } from '../stream/until-aborted.js';
import type { UsedPack } from './packed-image.js';

/** Syncs of one disk that are asked for at the same time: they share commits of its journal. */
const LANES = 4;

/** Makes the own ones of the packs survive a power failure. Errors: see codedPackError; GRIT_ABORTED. */
export async function makeDurable(
  directory: string,
  packs: readonly Pick<UsedPack, 'name' | 'own'>[],
  signal: AbortSignal,
): Promise<void> {
  const own = packs.filter((pack) => pack.own);
  if (own.length === 0) return;
  await inLanes(own.length, LANES, async (index) => {
    throwIfAborted(signal);
    await sync(join(directory, own[index]?.name ?? ''));
  });
  await sync(directory);
}

async function sync(path: string): Promise<void> {
  try {
    await using file = await open(path, 'r');
    await file.sync();
  } catch (error) {
    throw codedPackError(error, path);
  }
}
