// SPDX-License-Identifier: Apache-2.0
import { deepEqual } from 'node:assert/strict';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { readLines } from '../../src/kit/read-lines.js';
import { SEEDED } from './seeded.js';

describe('lines of a stream', () => {
  it('are those of the whole text, however it is cut', async () => {
    const parts = fc.array(fc.stringMatching(/^[a\n€]{0,6}$/), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(parts, fc.integer({ min: 1, max: 5 }), async (texts, size) => {
        const whole = Buffer.from(texts.join(''));
        const cuts: Buffer[] = [];
        for (let at = 0; at < whole.length; at += size) cuts.push(whole.subarray(at, at + size));
        const lines: string[] = [];
        for await (const line of readLines(Readable.from(cuts))) lines.push(line.toString());
        const expected = whole.toString().split('\n');
        // What follows the last end of a line is a line only if there is something.
        if (expected.at(-1) === '') expected.pop();
        deepEqual(lines, expected);
      }),
      SEEDED,
    );
  });
});
