// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageReport, ImageSummary, ImportedImage, RekeyedImage } from '@grit/core';
import { main } from '../src/main.js';
import { RecordingTerminal } from './recording-terminal.js';

const K1 = Buffer.alloc(32, 0x11).toString('base64');
const K2 = Buffer.alloc(32, 0x22).toString('hex');
const SECRET = Buffer.from('what nobody else may read, '.repeat(400));

describe('grit rekey', function () {
  this.timeout(120_000);
  let root: string;

  const run = async (...args: string[]) => {
    const terminal = new RecordingTerminal();
    const environment = { GRIT_STATE_DIR: join(root, 'state'), KEY_TWO: K2 };
    const exit = await main(args, { environment, workingDirectory: root, terminal });
    return { exit, out: terminal.output, errors: terminal.errors };
  };
  const succeed = async (...args: string[]): Promise<string> => {
    const { exit, out, errors } = await run(...args);
    assert.equal(exit, 0, `grit ${args.join(' ')}: ${out}${errors}`);
    return out;
  };
  const json = async <T>(...args: string[]): Promise<T> => JSON.parse(await succeed(...args, '-o', 'json')) as T;
  /** The configuration with these keys; none: no encryption. */
  const configure = (current?: string, ...names: string[]): void => {
    const from = { k1: '{ file: k1.key }', k2: '{ env: KEY_TWO }' } as const;
    const keys = names.map((name) => `        ${name}: { keyFrom: ${from[name as 'k1' | 'k2']} }\n`).join('');
    const encryption = current && `    encryption:\n      current: ${current}\n      keys:\n${keys}`;
    writeFileSync(join(root, 'grit.yaml'), encryption ? `plugins:\n  store:\n${encryption}` : 'log: { level: info }\n');
  };
  const stored = (): Buffer[] =>
    readdirSync(join(root, 'state/store'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => readFileSync(join(parentPath, name)));

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'grit-rekey-'));
    writeFileSync(join(root, 'k1.key'), `${K1}\n`);
    mkdirSync(join(root, 'dump/criu'), { recursive: true });
    writeFileSync(join(root, 'dump/criu/inventory.img'), 'inventory');
    writeFileSync(join(root, 'dump/criu/pages-1.img'), SECRET);
    configure('k1', 'k1');
    await succeed('image', 'import', 'dump', '--workload', 'train', '--id', 'ck-1');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('a storage with keys has encrypted images, for everybody who has them', async () => {
    for (const bytes of stored()) {
      for (const word of ['nobody else', 'train', 'pages-1', K1]) assert.ok(bytes.indexOf(word) < 0, word);
    }
    assert.match(await succeed('image', 'verify', 'ck-1'), /every byte/);
    assert.match(await succeed('image', 'inspect', 'ck-1'), /^encryption: +AES-256-GCM, key k1$/m);
    const report = await json<ImageReport>('image', 'inspect', 'ck-1');
    assert.deepEqual(report.encryption, { keyId: 'k1' });
    await succeed('image', 'export', 'ck-1', 'out');
    assert.ok(readFileSync(join(root, 'out/criu/pages-1.img')).equals(SECRET));
    const again = await json<ImportedImage>('image', 'import', 'out', '--id', 'ck-2');
    assert.equal(again.bytes.fresh, 0, 'chunks of the same key are shared');
  });

  it('a key is rotated: the new one for new images, rekey for old ones, and the old one may go', async () => {
    const { digest } = (await json<ImageReport>('image', 'inspect', 'ck-1')) satisfies ImageReport;
    configure('k2', 'k1', 'k2');
    const other = await json<ImportedImage>('image', 'import', 'dump', '--workload', 'train', '--id', 'ck-2');
    assert.ok(other.bytes.fresh > 0, 'chunks of another key are not shared');
    assert.deepEqual(await json<RekeyedImage[]>('rekey'), [
      { checkpoint: 'ck-1', from: 'k1', to: 'k2' },
      { checkpoint: 'ck-2', from: 'k2', to: 'k2' },
    ]);
    assert.match(await succeed('rekey', 'ck-1'), /^ID +FROM +TO +RESULT\nck-1 +k2 +k2 +has it already\n$/);
    configure('k2', 'k2');
    assert.match(await succeed('image', 'verify', 'ck-1'), /every byte/);
    assert.equal((await json<ImageReport>('image', 'inspect', 'ck-1')).digest, digest);
  });

  it('without the key an image is there, and says which one it needs', async () => {
    for (const [configured, code] of [
      [['k2', 'k2'], 'GRIT_KEY_UNKNOWN'],
      [[], 'GRIT_KEY_UNKNOWN'],
    ] as const) {
      configure(...configured);
      const { exit, errors } = await run('image', 'verify', 'ck-1');
      assert.notEqual(exit, 0);
      assert.match(errors, new RegExp(`checkpoint ck-1: .*key k1.*\\ncode: ${code}`));
      const [image] = await json<ImageSummary[]>('image', 'list');
      assert.equal(image?.error?.code, code);
    }
    configure('k2', 'k2');
    const { exit, out } = await run('rekey');
    assert.match(out, /^ck-1 .*GRIT_KEY_UNKNOWN/m);
    assert.notEqual(exit, 0);
    writeFileSync(join(root, 'k1.key'), Buffer.alloc(32, 0x33).toString('base64'));
    configure('k1', 'k1');
    assert.match((await run('image', 'verify', 'ck-1')).errors, /GRIT_KEY_WRONG/);
  });

  it('images in clear stay readable beside it, and are left alone', async () => {
    configure();
    await succeed('image', 'import', 'dump', '--workload', 'plain', '--id', 'ck-0');
    assert.match((await run('rekey')).errors, /the storage has no keys/);
    configure('k1', 'k1');
    assert.match(await succeed('image', 'verify', 'ck-0'), /every byte/);
    assert.match(await succeed('rekey'), /^ck-0 +- +- +not encrypted$/m);
    const named = await run('rekey', 'ck-0', 'ck-1');
    assert.match(named.out, /^ck-0 .*GRIT_REQUEST_INVALID.*\n(.*\n)?ck-1 +k1 +k1 +has it already$/m);
    assert.notEqual(named.exit, 0);
  });

  it('no key is ever shown', async () => {
    for (const args of [
      ['config', 'show'],
      ['config', 'show', '-o', 'json'],
      ['rekey', '-o', 'json'],
      ['image', 'list'],
    ]) {
      const { out, errors } = await run(...args);
      assert.ok(!`${out}${errors}`.includes(K1), args.join(' '));
    }
    writeFileSync(join(root, 'k1.key'), 'no key at all, but secret');
    const { exit, errors } = await run('config', 'check');
    assert.notEqual(exit, 0);
    assert.match(errors, /grit\.yaml:6:\d+ plugins\.store\.encryption\.keys\.k1\.keyFrom: key k1 is neither/);
    assert.ok(!errors.includes('but secret'), errors);
  });
});
