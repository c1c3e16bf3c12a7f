// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { until } from './until.js';

/** The file that counter.py writes. */
export class CounterLog {
  constructor(readonly path: string) {}

  /** Checks every line and returns their number; 0 before the first. Throws at the first that is missing, wrong or there twice. */
  async check(): Promise<number> {
    const text = await readFile(this.path, 'utf8').catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return '';
    });
    let checksum = 0;
    let count = 0;
    // The last line may be half written.
    for (const line of text.split('\n').slice(0, -1)) {
      count += 1;
      checksum = crc32(`${count} ${checksum}`);
      assert.equal(line, `${count} ${checksum}`, `line ${count} of ${this.path}`);
    }
    return count;
  }

  /** Waits until the counter has written more lines. */
  async untilGrown(lines = 5): Promise<void> {
    const start = await this.check();
    await until(`${this.path} grows beyond ${start} lines`, async () => (await this.check()) >= start + lines);
  }
}
