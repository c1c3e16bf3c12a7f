// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isGritError, type ErrorCode, type StorageProvider } from '@grit/plugin-api';
import { RECORD_NAME, formatRecord, parseRecord, type ExportRecord } from '../../src/image/export-record.js';
import { importImage } from '../../src/image/import-image.js';
import { plainParts } from '../../src/image/plain-parts.js';

const RECORD: ExportRecord = {
  digest: `sha256:${'0'.repeat(64)}`,
  facts: {
    checkpoint: 'ck-1',
    workload: { kind: 'container', name: 'train' },
    node: 'a',
    createdAt: 1,
    runtime: { driver: 'criu', version: 1, data: {} },
    facts: {},
    timings: [],
  },
  parts: [{ name: 'criu/core-1.img', kind: 'runtime' }],
};

function hasCode(code: ErrorCode, pattern = /./) {
  return (error: unknown): boolean => {
    assert.ok(isGritError(error), String(error));
    assert.equal(error.code, code);
    assert.match(error.message, pattern);
    return true;
  };
}

describe('image: directory of an export', () => {
  let root: string;
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'grit-export-'))));
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('its record comes back as it was written', () => {
    assert.deepEqual(parseRecord(formatRecord(RECORD), 'r'), RECORD);
  });

  const wrong: Readonly<Record<string, string>> = {
    'no JSON': '{',
    'no object': 'null',
    'another version': JSON.stringify({ ...RECORD, version: 2 }),
    'no version': JSON.stringify(RECORD),
    'no facts': JSON.stringify({ ...RECORD, version: 1, facts: null }),
    'facts without a workload': JSON.stringify({ ...RECORD, version: 1, facts: { checkpoint: 'ck-1' } }),
    'no parts': JSON.stringify({ ...RECORD, version: 1, parts: {} }),
  };
  for (const [title, text] of Object.entries(wrong)) {
    it(`a record with ${title} is refused`, () => {
      assert.throws(() => parseRecord(text, 'r'), hasCode('GRIT_REQUEST_INVALID', /^r /));
    });
  }

  it('a part outside of the directory is refused, by its name or by a link', async () => {
    for (const name of ['../x', '/etc/passwd', 'a/../../x', '.x', null]) {
      const text = JSON.stringify({ ...RECORD, version: 1, parts: [{ name, kind: 'log' }] });
      assert.throws(() => parseRecord(text, 'r'), hasCode('GRIT_IMAGE_MANIFEST_INVALID'));
    }
    mkdirSync(join(root, 'out/criu'), { recursive: true });
    writeFileSync(join(root, 'secret'), 'x');
    symlinkSync(join(root, 'secret'), join(root, 'out/criu/core-1.img'));
    writeFileSync(join(root, 'out', RECORD_NAME), formatRecord(RECORD));
    // Before the store is asked for anything.
    const store = undefined as unknown as StorageProvider;
    const options = { signal: new AbortController().signal, known: [], workDirectory: root };
    const refused = hasCode('GRIT_REQUEST_INVALID', /part criu\/core-1\.img/);
    await assert.rejects(importImage(store, join(root, 'out'), options), refused);
  });

  it('plain CRIU files are found, beside what we know or alone', async () => {
    const criu = join(root, 'criu');
    mkdirSync(criu);
    await assert.rejects(plainParts(root), hasCode('GRIT_REQUEST_INVALID', /no CRIU image/));
    for (const name of ['inventory.img', 'pages-1.img', 'pagemap-1.img']) writeFileSync(join(criu, name), name);
    writeFileSync(join(root, 'log'), '');
    writeFileSync(join(root, 'notes.txt'), '');
    const kinds = async (directory: string) =>
      Object.fromEntries((await plainParts(directory)).map(({ name, kind }) => [name, kind]));
    const files = { 'criu/inventory.img': 'runtime', 'criu/pages-1.img': 'memory', 'criu/pagemap-1.img': 'runtime' };
    assert.deepEqual(await kinds(criu), files);
    assert.deepEqual(await kinds(root), { ...files, log: 'log' });
    symlinkSync('../before', join(criu, 'parent'));
    await assert.rejects(plainParts(root), hasCode('GRIT_REQUEST_INVALID', /since another dump/));
  });
});
