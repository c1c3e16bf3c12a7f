// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageDiff, ImageReport, ImageSummary, ImportedImage } from '@grit/core';
import { main } from '../src/main.js';
import { noise } from './noise.js';
import { RecordingTerminal } from './recording-terminal.js';

const PAGE = 4096;
const HOLE = 64 * PAGE;

describe('grit image', function () {
  this.timeout(120_000);
  let root: string;

  const run = async (...args: string[]) => {
    const terminal = new RecordingTerminal();
    const environment = { GRIT_STATE_DIR: join(root, 'state'), GRIT_CONFIG: '' };
    const exit = await main(args, { environment, workingDirectory: root, terminal });
    return { exit, out: terminal.output, errors: terminal.errors };
  };
  const succeed = async (...args: string[]): Promise<string> => {
    const { exit, out, errors } = await run('image', ...args);
    assert.equal(exit, 0, `grit image ${args.join(' ')}: ${out}${errors}`);
    for (const line of out.split('\n')) assert.ok(line.length <= 100 || args.includes('-o'), line);
    return out;
  };
  const json = async <T>(...args: string[]): Promise<T> => JSON.parse(await succeed(...args, '-o', 'json')) as T;
  const fails = async (exit: number, pattern: RegExp, ...args: string[]): Promise<void> => {
    const said = await run('image', ...args);
    assert.match(said.errors, pattern);
    assert.equal(said.exit, exit);
  };
  /** Objects of the stored image whose path ends so. */
  const objects = (id: string, pattern: RegExp): string[] => {
    const entries = readdirSync(join(root, 'state/store'), { recursive: true, withFileTypes: true });
    const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
    return paths.filter((path) => path.includes(`/${id}/`) && pattern.test(path));
  };

  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'grit-image-'));
    const dump = join(root, 'dump');
    mkdirSync(join(dump, 'criu'), { recursive: true });
    writeFileSync(join(dump, 'criu/inventory.img'), noise(100, 1));
    writeFileSync(join(dump, 'criu/core-1.img'), noise(2000, 2));
    writeFileSync(join(dump, 'criu/empty.img'), '');
    writeFileSync(join(dump, 'criu/pages-1.img'), noise(200 * PAGE, 3));
    truncateSync(join(dump, 'criu/pages-1.img'), 200 * PAGE + HOLE);
    writeFileSync(join(dump, 'rootfs.tar'), noise(10_240, 4));
    writeFileSync(join(dump, 'log'), 'line 1\nline 2\n');
    writeFileSync(join(dump, 'config.json'), '{}');
    assert.match(await succeed('import', 'dump', '--workload', 'train', '--id', 'ck-1'), /^Imported ck-1: 1\.0 MiB/);
  });

  after(() => rmSync(root, { recursive: true, force: true }));

  it('lists, inspects and verifies what was imported', async () => {
    const [image] = await json<ImageSummary[]>('list');
    assert.equal(image?.id, 'ck-1');
    assert.equal(image.about?.workload.name, 'train');
    assert.equal(image.about.parts, 7);
    assert.match(await succeed('list'), /^ID +WORKLOAD +NODE .*\nck-1 +train /);

    const report = await json<ImageReport>('inspect', 'ck-1');
    const pages = report.parts.find(({ name }) => name === 'criu/pages-1.img');
    assert.equal(pages?.kind, 'memory');
    assert.equal(pages.size, 200 * PAGE + HOLE);
    assert.equal(pages.data, 200 * PAGE);
    assert.equal(pages.holes + pages.zeros, HOLE);
    assert.equal(
      report.packs.reduce((sum, { used }) => sum + used, 0),
      report.parts.reduce((sum, { stored }) => sum + stored, 0),
    );
    assert.match(await succeed('inspect', 'ck-1'), /^PART +KIND +SIZE +HOLES.*\n(.*\n)*criu\/pages-1\.img +memory/m);
    assert.match(await succeed('inspect', 'ck-1', '-o', 'yaml'), /^checkpoint: ck-1$/m);

    assert.match(await succeed('verify', 'ck-1'), /^ck-1: 7 parts, 1\.0 MiB: every byte/);
    assert.match(await succeed('verify', 'ck-1', '--fast'), /chunks were not read/);
  });

  it('exports plain files, and makes the same image of them again', async () => {
    assert.match(await succeed('export', 'ck-1', 'out'), /next: runc restore --image-path \S+\/out\/criu /);
    for (const name of ['criu/pages-1.img', 'criu/core-1.img', 'criu/empty.img', 'rootfs.tar', 'log', 'config.json']) {
      assert.ok(readFileSync(join(root, 'out', name)).equals(readFileSync(join(root, 'dump', name))), name);
    }
    assert.match(await succeed('import', 'out'), /^ck-1 is in storage store already/);
    const again = await json<ImportedImage>('import', 'out', '--id', 'ck-2');
    assert.equal(again.bytes.fresh, 0);
    const diff = await json<ImageDiff & { precopyPays: boolean }>('diff', 'ck-1', 'ck-2');
    assert.deepEqual([diff.total.changed, diff.precopyPays], [0, true]);
    await fails(4, /another image ck-2/, 'import', 'dump', '--workload', 'other', '--id', 'ck-2');
  });

  it('an export that was interrupted goes on; a directory of somebody else is left alone', async () => {
    await succeed('export', 'ck-1', 'again');
    await fails(2, /again is not empty/, 'export', 'ck-1', 'again');
    renameSync(join(root, 'again/grit-image.json'), join(root, 'again/.grit-image.json.unfinished'));
    rmSync(join(root, 'again/criu/pages-1.img'));
    await succeed('export', 'ck-1', 'again');
    assert.ok(
      readFileSync(join(root, 'again/criu/pages-1.img')).equals(readFileSync(join(root, 'dump/criu/pages-1.img'))),
    );
    assert.deepEqual(readdirSync(join(root, 'again')).sort(), [
      'config.json',
      'criu',
      'grit-image.json',
      'log',
      'rootfs.tar',
    ]);
    await fails(2, /dump is not empty/, 'export', 'ck-1', 'dump');
  });

  it('says how much of which part changed, and whether precopy would pay', async () => {
    await succeed('export', 'ck-1', 'later');
    const pages = readFileSync(join(root, 'later/criu/pages-1.img'));
    noise(PAGE, 77).copy(pages, 100 * PAGE);
    writeFileSync(join(root, 'later/criu/pages-1.img'), pages);
    await succeed('import', 'later', '--id', 'ck-3');
    const diff = await json<ImageDiff>('diff', 'ck-1', 'ck-3');
    const changed = diff.parts.filter((part) => part.changed > 0).map(({ name }) => name);
    assert.deepEqual(changed, ['criu/pages-1.img']);
    // The chunk with the page, and at most its neighbours.
    assert.ok(diff.memory.changed >= PAGE && diff.memory.changed < 100 * PAGE, String(diff.memory.changed));
    assert.match(await succeed('diff', 'ck-1', 'ck-3'), /% of the memory changed since ck-1: .*\(precopy\)\s+would/);
  });

  it('damage: exit 7, with the part, and nothing is exported of it', async () => {
    await succeed('import', 'dump', '--workload', 'train', '--id', 'ck-bad');
    const packs = objects('ck-bad', /\/packs\/pk-/);
    assert.ok(packs.length > 0);
    // Away from the other images, which have the same file; each byte of the chunks is another.
    for (const path of packs) {
      const bytes = readFileSync(path);
      for (let at = 0; at < bytes.length - 2 * PAGE; at++) bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
      rmSync(path);
      writeFileSync(path, bytes);
    }
    await fails(7, /GRIT_IMAGE_PART_CORRUPT/, 'verify', 'ck-bad');
    await fails(7, /GRIT_IMAGE_PART_CORRUPT/, 'export', 'ck-bad', 'bad');
    assert.deepEqual(
      readdirSync(join(root, 'bad')).filter((name) => name === 'grit-image.json'),
      [],
    );
    await succeed('verify', 'ck-1');
    const [manifest = ''] = objects('ck-bad', /manifest\.json$/);
    writeFileSync(manifest, '{"version":9}\n');
    const listed = (await json<ImageSummary[]>('list')).find(({ id }) => id === 'ck-bad');
    assert.equal(listed?.error?.code, 'GRIT_IMAGE_MANIFEST_INVALID');
    assert.match(await succeed('list'), /^ck-bad +GRIT_IMAGE_MANIFEST_INVALID/m);
    await fails(7, /made by a newer version/, 'inspect', 'ck-bad');
  });

  it('takes the store that is named, and says what is wrong with the command', async () => {
    const file = join(root, 'two.yaml');
    const other = `  other: { use: "@grit/storage-pvc", config: { path: ${join(root, 'other')} } }\n`;
    writeFileSync(file, `plugins:\n${other}`);
    assert.deepEqual(await json('list', '--config', file, '--storage', 'other'), []);
    await fails(2, /no storage nowhere/, 'list', '--storage', 'nowhere');
    await fails(3, /no such checkpoint/, 'inspect', 'ck-none');
    await fails(2, /needs a checkpoint and a later one/, 'diff', 'ck-1');
    await fails(2, /one argument too many/, 'list', 'ck-1');
    await fails(2, /is none of list, inspect/, 'remove');
    await fails(2, /--workload NAME/, 'import', 'dump');
    await fails(2, /not the id of a checkpoint/, 'import', 'dump', '--workload', 'x', '--id', '../x');
    mkdirSync(join(root, 'nothing'));
    await fails(2, /has no CRIU image/, 'import', 'nothing', '--workload', 'x');
  });
});
