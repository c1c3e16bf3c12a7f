// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { Garbage } from '@grit/plugin-api';
import { formatGc, type GcReport } from '../src/gc/gc-table.js';

const ID = 'ck-1m8j9kwfr00d34d2q9';

function garbage(object: string, image: string | undefined, then: Garbage['then'] = 'condemned'): Garbage {
  const key = image === undefined ? object : `objects/${image}/${'0'.repeat(32)}/id.blake3.${'f'.repeat(64)}/${object}`;
  return { key, image, object: image && object, size: 1024, ageMs: 90_000, why: image ? 'unused' : 'unknown', then };
}

describe('what grit gc shows', () => {
  const sum = { objects: 0, bytes: 0 };
  const report = (...found: Garbage[]): GcReport => ({
    ...{ storage: 'bucket', dryRun: false, garbage: found, collected: { used: sum, removed: sum, waiting: sum } },
    checkpoints: [
      { id: 'ck-1m8j9ky1j00hdsysvb', verdict: 'delete', reason: 'keep-last', bytes: 2048 },
      { id: 'ck-1m8j9kz7x004jswcw8', verdict: 'keep', reason: 'last-good', bytes: 0 },
    ],
  });
  const pack = (at: number): string => `packs/pk-hq43pb5trsfnho3fewbonfy64${at}`;

  it('each object is one line, with its checkpoint', () => {
    const text = formatGc(
      report(garbage(pack(1), ID), garbage('rows', ID), garbage('notes', undefined, 'left')),
      100,
      false,
    );
    assert.match(text, /^ck-1m8j9ky1j00hdsysvb +image +beyond keepLast +deleted +2\.0 KiB$/m);
    assert.match(
      text,
      /^ck-1m8j9kwfr00d34d2q9 +pk-hq43pb5trsfnho3fewbonfy641 +unused, 1m old +goes next time +1\.0 KiB$/m,
    );
    assert.match(text, /^- +notes +not ours, 1m old +left +1\.0 KiB$/m);
    assert.doesNotMatch(text, /blake3|last good/);
    for (const line of text.split('\n')) assert.ok(line.length <= 100, line);
  });

  it('many with one fate are one line; wide shows each, and what stays', () => {
    const many = report(...[1, 2, 3, 4].map((at) => garbage(pack(at), ID)), garbage('rows', ID, 'young'));
    assert.match(formatGc(many, 100, false), /^ck-1m8j9kwfr00d34d2q9 +4 objects +.* goes next time +4\.0 KiB$/m);
    assert.match(formatGc(many, 100, false), /^ck-1m8j9kwfr00d34d2q9 +rows +.* waits +1\.0 KiB$/m);
    const wide = formatGc(many, Infinity, true);
    assert.equal(wide.match(/pk-hq43/g)?.length, 4);
    assert.match(wide, / last good one +stays /);
  });
});
