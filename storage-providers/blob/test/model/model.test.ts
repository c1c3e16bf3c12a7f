// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { runSequence, type SequenceFigures } from './sequence.js';

const SEED = Number(process.env.GRIT_SEED ?? 20_261_128);
const SEQUENCES = Number(process.env.GRIT_OPERATIONS ?? 300);

describe('storage-blob: writers, deleters and collectors at the same time', () => {
  it(`lose no object of an image, and leave no orphan: ${SEQUENCES} sequences from seed ${SEED}`, async function () {
    this.timeout(60_000 + SEQUENCES * 200);
    const figures: SequenceFigures = { requests: 0, commits: 0, adopted: 0, resumed: 0, removed: 0, crashes: 0 };
    for (let at = 0; at < SEQUENCES; at++) await runSequence(SEED + at, figures);
    if (process.env.GRIT_OPERATIONS !== undefined) console.log(JSON.stringify(figures));
    // It means something only where all of this happened.
    if (SEQUENCES >= 100) for (const [what, count] of Object.entries(figures)) assert.ok(count > 0, `no ${what}`);
  });
});
