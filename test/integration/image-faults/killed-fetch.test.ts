// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchImage, openImage } from '@grit/image';
import { PvcStorage } from '@grit/storage-pvc';
import { SEED, randomOf } from '../image-put/corpus.js';
import { signal } from '../image-put/stored-image.js';
import { contentsOf, isWhole, nothingWrong, storeContents, type Contents } from './faulty-image.js';
import { fetchInChild, type FetchKill } from './fetch-job.js';

const KILLS = Number(process.env.GRIT_KILLS ?? 12);
const MIB = 1024 * 1024;
const BYTES = 5 * MIB;

/** The first, the table and the first chunks; then every kind of place. What is left falls somewhere into the writing. */
const POINTS: readonly FetchKill[] = [
  { reads: 1 },
  { reads: 2 },
  { reads: 5 },
  { bytes: 1 },
  { parts: 1 },
  { parts: 3 },
];

describe(`image: kill -9 of a fetch (seed ${SEED})`, function () {
  this.timeout(300_000);
  let home = '';
  let storage: PvcStorage;
  let contents: Contents;
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'grit-image-kill-'));
    storage = new PvcStorage({ path: join(home, 'store') });
    contents = contentsOf('killed', BYTES);
    await storeContents(storage, home, 'c-1', contents);
  });
  after(() => rm(home, { recursive: true }));

  for (let at = 0; at < KILLS; at++) {
    const kill = POINTS[at] ?? { bytes: Math.floor(randomOf(`kill-${at}`) * 0.7 * BYTES) };
    it(`${at + 1}. at ${JSON.stringify(kill)}: it goes on, and ends with the same files`, async () => {
      const directory = join(home, `copy-${at}`);
      await mkdir(directory);
      const streamed = 'reads' in kill || at % 2 === 0;
      const job = { store: join(home, 'store'), image: 'c-1', directory, durable: at % 5 === 0, streamed, kill };
      const ended = await fetchInChild(job);
      // A fast disk may be done before anybody looked at the bytes.
      if (!('bytes' in kill)) assert.equal(ended, 'killed');
      await nothingWrong(directory, contents);
      // What a machine that lost its power leaves is no better than what somebody wrote over it; and a second kill comes soon.
      if (at % 4 === 3) await fetchInChild({ ...job, kill: { bytes: 0.75 * BYTES } });
      const reader = await openImage(storage, 'c-1', signal);
      await fetchImage(reader, directory, { signal, durable: false });
      await isWhole(directory, contents);
      await rm(directory, { recursive: true });
    });
  }
});
