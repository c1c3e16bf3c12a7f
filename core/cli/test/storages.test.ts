// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CopiedImage, ImageSummary as Summary, StoreUsage } from '@grit/core';
import type { Collected, Garbage } from '@grit/plugin-api';
import { main } from '../src/main.js';
import { noise } from './noise.js';
import { RecordingTerminal } from './recording-terminal.js';

const PAGE = 4096;

describe('grit du, verify, copy, gc', function () {
  this.timeout(120_000);
  let root: string;
  let config: string;

  const run = async (...args: string[]) => {
    const terminal = new RecordingTerminal();
    const environment = { GRIT_STATE_DIR: join(root, 'state'), GRIT_CONFIG: config };
    const exit = await main(args, { environment, workingDirectory: root, terminal });
    for (const line of terminal.output.split('\n')) assert.ok(line.length <= 100 || args.includes('-o'), line);
    return { exit, out: terminal.output, errors: terminal.errors };
  };
  const succeed = async (...args: string[]): Promise<string> => {
    const { exit, out, errors } = await run(...args);
    assert.equal(exit, 0, `grit ${args.join(' ')}: ${out}${errors}`);
    return out;
  };
  const json = async <T>(...args: string[]): Promise<T> => JSON.parse(await succeed(...args, '-o', 'json')) as T;
  const packs = (store: string, id: string): string[] => {
    const folder = join(root, store, 'images', id, 'parts/packs');
    return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  };

  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'grit-storages-'));
    config = join(root, 'grit.yaml');
    const store = (name: string): string => `{ use: "@grit/storage-pvc", config: { path: "${join(root, name)}" } }`;
    writeFileSync(config, `plugins:\n  store: ${store('one')}\n  other: ${store('two')}\n`);
    const dump = join(root, 'dump/criu');
    mkdirSync(dump, { recursive: true });
    writeFileSync(join(dump, 'inventory.img'), noise(100, 1));
    writeFileSync(join(dump, 'pages-1.img'), noise(200 * PAGE, 3));
    await succeed('image', 'import', 'dump', '--workload', 'train', '--id', 'ck-1');
    const pages = readFileSync(join(dump, 'pages-1.img'));
    noise(PAGE, 77).copy(pages, 100 * PAGE);
    writeFileSync(join(dump, 'pages-1.img'), pages);
    await succeed('image', 'import', 'dump', '--workload', 'train', '--id', 'ck-2');
  });

  after(() => rmSync(root, { recursive: true, force: true }));

  it('du: what is shared counts once in the total, and all of it is the size of the files', async () => {
    const { images, total } = await json<StoreUsage>('du');
    assert.deepEqual(images.map(({ id }) => id).toSorted(), ['ck-1', 'ck-2']);
    for (const { stored, shared, alone, logical } of images) {
      assert.equal(stored, shared + alone);
      assert.ok(shared >= 190 * PAGE && logical === 200 * PAGE + 100, JSON.stringify(images));
    }
    const inodes = new Map<number, number>();
    for (const id of ['ck-1', 'ck-2']) {
      const rows = join(root, 'one/images', id, 'parts/rows');
      for (const path of [...packs('one', id), rows]) inodes.set(statSync(path).ino, statSync(path).size);
    }
    assert.equal(
      total.stored,
      [...inodes.values()].reduce((sum, size) => sum + size, 0),
    );
    assert.match(
      await succeed('du'),
      /^ID +WORKLOAD +LOGICAL +STORED +SHARED +ALONE +AGE\n(ck-. +train .*\n){2}total /,
    );
  });

  it('verify: all or those that are named, fast or each byte', async () => {
    assert.match(await succeed('verify'), /^ck-1 .* whole$/m);
    assert.match((await run('verify')).errors, /--deep reads every byte/);
    assert.doesNotMatch(await succeed('verify', 'ck-2', '--deep'), /ck-1/);
    const { exit, out } = await run('verify', 'ck-none', 'ck-1');
    assert.equal(exit, 3);
    assert.match(out, /^ck-none .*GRIT_CHECKPOINT_NOT_FOUND(.*\n)+ck-1 .*whole/m);
  });

  it('copy: what the target has is not sent, and a repeated copy sends nothing', async () => {
    const first = await json<CopiedImage>('copy', 'ck-1', '--to', 'other');
    assert.deepEqual([first.known, first.sent], [false, first.stored]);
    const second = await json<CopiedImage>('copy', 'ck-2', '--from', 'store', '--to', 'other');
    assert.ok(second.sent < second.stored / 4, JSON.stringify(second));
    assert.match(await succeed('copy', 'ck-2', '--to', 'other'), /ck-2 is in storage other already; every byte/);
    await succeed('verify', '--storage', 'other', '--deep');
    // Files of their own: what happens to one store does not happen to the other.
    for (const path of packs('two', 'ck-1')) {
      assert.notEqual(statSync(path).ino, statSync(path.replace('/two/', '/one/')).ino);
    }
    const { exit, errors } = await run('copy', 'ck-1', '--to', 'store');
    assert.deepEqual([exit, /is the storage that is copied from/.test(errors)], [2, true]);
    assert.equal((await run('copy', 'ck-none', '--to', 'other')).exit, 3);
    assert.equal((await run('copy', 'ck-1')).exit, 2);
  });

  it('copy: one that was interrupted sends only what is missing', async () => {
    rmSync(join(root, 'two'), { recursive: true });
    await succeed('image', 'list', '--storage', 'other');
    // What a copy that was killed leaves: a pack that is whole, and one that is not.
    const staging = join(root, 'two/writing/ck-1.0123456789ab/staging');
    const [whole = '', ...rest] = packs('one', 'ck-1');
    mkdirSync(staging, { recursive: true });
    cpSync(whole, join(staging, whole.slice(whole.lastIndexOf('/') + 1)));
    writeFileSync(join(staging, 'pk-half.unfinished'), 'half');
    const copied = await json<CopiedImage>('copy', 'ck-1', '--to', 'other');
    assert.equal(copied.sent, copied.stored - statSync(whole).size);
    assert.ok(rest.length === 0 || copied.sent > 0);
    assert.deepEqual(readdirSync(join(root, 'two/writing')), []);
    await succeed('verify', '--storage', 'other', '--deep');
  });

  it('copy: to a store with another key the key of the image is wrapped anew; to one without any it is packed anew', async () => {
    const key = (name: string, byte: number): string => {
      writeFileSync(join(root, `${name}.key`), Buffer.alloc(32, byte).toString('base64'));
      return `encryption: { current: ${name}, keys: { ${name}: { keyFrom: { file: ./${name}.key } } } }`;
    };
    const path = join(root, 'keys.yaml');
    const store = (name: string, rest: string): string =>
      `  ${name}: { use: "@grit/storage-pvc", config: { path: "${join(root, name)}" }${rest} }\n`;
    const both = `${store('first', `, ${key('k1', 1)}`)}${store('second', `, ${key('k2', 2)}`)}`;
    writeFileSync(path, `plugins:\n${both}${store('clear', '')}defaults: { storage: first }\n`);
    const before = config;
    config = path;
    try {
      await succeed('image', 'import', 'dump', '--workload', 'train', '--id', 'ck-1');
      const copied = await json<CopiedImage>('copy', 'ck-1', '--to', 'second');
      assert.equal(copied.sent, copied.stored);
      assert.equal((await json<CopiedImage>('copy', 'ck-1', '--to', 'second')).known, true);
      await succeed('verify', '--storage', 'second', '--deep');
      assert.equal((await json<StoreUsage>('du', '--storage', 'second')).total.stored, copied.stored);
      const { exit, out, errors } = await run('copy', 'ck-1', '--to', 'clear');
      assert.equal(exit, 0, errors);
      assert.match(out, /It is packed anew there; its digest is\nsha256:[0-9a-f]{64}\.\nNo server runs: /);
      assert.match(errors, /: ck-1 is packed anew\.\nUntil then \/\S+ takes up to \d/);
      const again = await json<CopiedImage & { readonly catalog: string }>('copy', 'ck-1', '--to', 'clear');
      assert.deepEqual([again.known, again.catalog], [true, 'no server']);
      assert.notEqual(again.digest, again.sourceDigest);
      await succeed('verify', '--storage', 'clear', '--deep');
      const back = ['copy', 'ck-1', '--from', 'clear', '--to', 'second'];
      assert.equal((await json<CopiedImage>(...back)).known, true);
    } finally {
      config = before;
    }
  });

  it('copy: killed while it packs anew, the same command does it from the beginning and nothing is left', async () => {
    const path = join(root, 'killed.yaml');
    writeFileSync(join(root, 'k3.key'), Buffer.alloc(32, 3).toString('base64'));
    const entry = (name: string, rest = ''): string =>
      `  ${name}: { use: "@grit/storage-pvc", config: { path: "${join(root, name)}" }${rest} }\n`;
    const keys = ', encryption: { current: k3, keys: { k3: { keyFrom: { file: ./k3.key } } } }';
    writeFileSync(path, `plugins:\n${entry('open')}${entry('shut', keys)}defaults: { storage: open }\n`);
    const before = config;
    config = path;
    try {
      await succeed('image', 'import', 'dump', '--workload', 'train', '--id', 'ck-1');
      const child = join(import.meta.dirname, 'copy-until-killed.ts');
      for (const point of ['work', 'pack', 'verify']) {
        const args = [child, path, join(root, 'state'), 'open', 'shut', 'ck-1', point];
        const { signal, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', cwd: import.meta.dirname });
        assert.equal(signal, 'SIGKILL', `${point}: ${stderr}`);
        const left = readdirSync(join(root, 'state/image')).filter((name) => name.startsWith('copy-'));
        assert.equal(left.length, point === 'verify' ? 0 : 1, point);
        const whole = await json<Summary[]>('image', 'list', '--storage', 'shut');
        assert.equal(whole.length, point === 'verify' ? 1 : 0, point);
        assert.equal((await json<CopiedImage>('copy', 'ck-1', '--to', 'shut')).known, point === 'verify', point);
        await succeed('verify', '--storage', 'shut', '--deep');
        const rest = readdirSync(join(root, 'state/image')).filter((name) => name.startsWith('copy-'));
        assert.deepEqual([rest, readdirSync(join(root, 'shut/writing'))], [[], []], point);
        if (point !== 'verify') {
          rmSync(join(root, 'shut'), { recursive: true });
          await succeed('image', 'list', '--storage', 'shut');
        }
      }
    } finally {
      config = before;
    }
  });

  it('gc: shows what would go and why, takes it away, and leaves what it does not know', async () => {
    mkdirSync(join(root, 'one/writing/ck-9.0123456789ab/staging'), { recursive: true });
    writeFileSync(join(root, 'one/writing/ck-9.0123456789ab/staging/pk-1'), noise(PAGE, 5));
    mkdirSync(join(root, 'one/trash/x.0123456789ab'));
    writeFileSync(join(root, 'one/trash/x.0123456789ab/pk-2'), noise(PAGE, 6));
    writeFileSync(join(root, 'one/notes'), 'mine');
    type Report = { readonly garbage: readonly Garbage[]; readonly collected: Collected };
    const { garbage, collected } = await json<Report>('gc', '--dry-run');
    assert.deepEqual(garbage.map(({ why, then }) => `${why} ${then}`).toSorted(), ['unknown left', 'unused removed']);
    assert.deepEqual(collected.removed, { objects: 1, bytes: PAGE });
    assert.ok(existsSync(join(root, 'one/trash/x.0123456789ab')));
    assert.match(await succeed('gc', '--dry-run'), /^x +image +unused, \d+s old +would go +4\.0 KiB$/m);
    assert.match(await succeed('gc'), /^store: 0 checkpoints deleted; 1 object \(4\.0 KiB\) removed; /m);
    assert.deepEqual(readdirSync(join(root, 'one/trash')), []);
    assert.ok(existsSync(join(root, 'one/notes')));
    assert.ok(existsSync(join(root, 'one/writing/ck-9.0123456789ab')));
    assert.equal((await run('gc', '--grace', 'soon')).exit, 2);
    await succeed('verify', '--deep');
  });

  it('damage: exit 7, named, and the others are looked at; a damaged image is not copied', async () => {
    const [pack = ''] = packs('one', 'ck-1').filter((path) => statSync(path).nlink === 2);
    const own = packs('one', 'ck-2').find((path) => statSync(path).nlink === 1) ?? '';
    assert.ok(pack !== '' && own !== '');
    const bytes = readFileSync(own);
    for (let at = 0; at < bytes.length - 2 * PAGE; at++) bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    writeFileSync(own, bytes);
    const deep = await run('verify', '--deep');
    assert.equal(deep.exit, 7);
    assert.match(deep.out, /^ck-2 .*GRIT_IMAGE_PART_CORRUPT/m);
    assert.match(deep.out, /^ck-1 .*whole/m);
    assert.equal((await run('copy', 'ck-2', '--to', 'other')).exit, 7);
    assert.deepEqual(readdirSync(join(root, 'two/images')), ['ck-1']);
    truncateSync(own, 100);
    assert.equal((await run('verify')).exit, 7);
  });
});
