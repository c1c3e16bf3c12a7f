// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { OperationStatus } from '@grit/plugin-api';
import { GritProcess } from './grit-process.js';

/** Counts into its log, and has changed a file of its root. */
const COUNTER = 'echo 7 > /root/grit-mark; i=0; while :; do echo "line $i"; i=$((i+1)); sleep 0.02; done';
const CONTAINER = 'grit-exported-image';

interface BundleConfig {
  readonly mounts: { readonly destination: string; source: string }[];
  annotations?: Record<string, string>;
}

/** All that GRIT is needed for afterwards is the directory that was exported. */
describe('an exported image', function () {
  this.timeout(240_000);
  let root: string;
  const mounts: string[] = [];

  const grit = async (...args: string[]): Promise<string> => {
    const child = new GritProcess(args, { GRIT_STATE_DIR: join(root, 'state'), GRIT_CONFIG: '' }, root);
    const { exit, out, errors } = await child.ended;
    assert.equal(exit, 0, `grit ${args.join(' ')}: ${out}${errors}`);
    return out;
  };
  const tool = (program: string, ...args: string[]): void => {
    const { status, stdout, stderr, error } = spawnSync(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      encoding: 'utf8',
      timeout: 60_000,
    });
    assert.equal(status, 0, `${program} ${args.join(' ')}: ${error?.message ?? ''}${stdout}${stderr}`);
  };
  const runc = (...args: string[]): void => tool('runc', '--root', join(root, 'runc'), ...args);
  const mount = (target: string, ...args: string[]): void => {
    mkdirSync(target, { recursive: true });
    tool('mount', ...args, target);
    mounts.push(target);
  };

  before(function () {
    if (process.getuid?.() !== 0) this.skip('containers need root');
    for (const program of ['runc', 'criu', 'redis-server']) {
      if (spawnSync(program, ['--version']).error !== undefined) this.skip(`${program} is not on PATH`);
    }
    root = mkdtempSync(join(tmpdir(), 'grit-exported-'));
  });

  after(async () => {
    // Nothing was made where the tests are skipped.
    if ((root as string | undefined) === undefined) return;
    spawnSync('runc', ['--root', join(root, 'runc'), 'delete', '--force', CONTAINER]);
    for (const target of mounts.reverse()) tool('umount', target);
    const end = (...args: string[]) => {
      return new GritProcess(args, { GRIT_STATE_DIR: join(root, 'state'), GRIT_CONFIG: '' }, root).ended;
    };
    await end('stop', 'count', '--grace', '0s');
    await end('delete', 'workload', 'count');
    await end('stop');
    rmSync(root, { recursive: true, force: true });
  });

  it('is restored by runc alone', async () => {
    await grit('run', '--name', 'count', '--workdir', '/', '--', 'sh', '-c', COUNTER);
    const follower = new GritProcess(
      ['logs', '-f', 'count'],
      { GRIT_STATE_DIR: join(root, 'state'), GRIT_CONFIG: '' },
      root,
    );
    await follower.says(/^line 5$/m);
    follower.child.kill('SIGTERM');
    await follower.ended;
    const made = JSON.parse(await grit('checkpoint', 'count', '--after', 'stop', '-o', 'json')) as OperationStatus;
    const image = join(root, 'image');
    await grit('image', 'export', made.checkpoint!, image);

    // A root like the one that it had: the machine's, with the changes above it.
    const bundle = join(root, 'bundle');
    const layers = join(bundle, 'layers');
    mount(layers, '-t', 'tmpfs', 'tmpfs');
    for (const layer of ['upper', 'work']) mkdirSync(join(layers, layer));
    const xattrs = [
      '--xattrs',
      '--xattrs-include=*',
      '--acls',
      '--numeric-owner',
      '--sparse',
      '--preserve-permissions',
    ];
    tool('tar', '--extract', `--file=${image}/rootfs.tar`, `--directory=${layers}/upper`, ...xattrs);
    const over = `lowerdir=/,upperdir=${layers}/upper,workdir=${layers}/work`;
    mount(join(bundle, 'rootfs'), '-t', 'overlay', 'overlay', '-o', over);
    const output = join(bundle, 'output');
    mkdirSync(output);
    copyFileSync(join(image, 'log'), join(output, 'log'));
    chmodSync(join(output, 'log'), 0o644);
    const config = JSON.parse(readFileSync(join(image, 'config.json'), 'utf8')) as BundleConfig;
    // Names a file of the node that it came from.
    delete config.annotations;
    config.mounts.find(({ destination }) => destination === '/run/grit')!.source = output;
    writeFileSync(join(bundle, 'config.json'), JSON.stringify(config));

    const paths = ['--image-path', join(image, 'criu'), '--work-path', join(bundle, 'criu-work'), '--bundle', bundle];
    runc('restore', '--detach', ...paths, CONTAINER);
    const last = Number(/line (\d+)\n$/.exec(readFileSync(join(image, 'log'), 'utf8'))?.[1]);
    const log = join(output, 'log');
    while (!readFileSync(log, 'utf8').includes(`\nline ${String(last + 20)}\n`)) await delay(50);
    const lines = readFileSync(log, 'utf8')
      .split('\n')
      .slice(0, last + 20);
    assert.deepEqual(
      lines,
      lines.map((_, index) => `line ${String(index)}`),
    );
    assert.equal(readFileSync(join(bundle, 'rootfs/root/grit-mark'), 'utf8'), '7\n');
    assert.ok(!existsSync('/root/grit-mark'));
  });
});
