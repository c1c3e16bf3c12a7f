// SPDX-License-Identifier: Apache-2.0
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { shell } from './timed-run.js';
import { get, put, type StoreRun } from './ours.js';

/** What our store does with two states of a directory, one round. */
export interface OurRound {
  readonly first: StoreRun;
  readonly second: StoreRun;
  readonly restore: StoreRun;
}

/** Stores the first, then the second beside it, and brings the second back; checks that it is the same. */
export async function ourRound(work: string, first: string, second: string): Promise<OurRound> {
  const store = join(work, 'store');
  await rm(store, { recursive: true, force: true });
  const round = {
    first: await put(store, 'first', first),
    second: await put(store, 'second', second, 'first'),
    restore: await get(store, 'second', join(work, 'back')),
  };
  await shell(`diff -r ${second} ${join(work, 'back')}`);
  await rm(join(work, 'back'), { recursive: true });
  await rm(store, { recursive: true });
  return round;
}
