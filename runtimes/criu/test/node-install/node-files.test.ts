// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findContainerd } from '../../src/node-install/containerd-process.js';
import { copyPrograms } from '../../src/node-install/copy-programs.js';
import { findOurShim } from '../../src/node-install/our-shim.js';
import { writeInOneStep } from '../../src/node-install/write-in-one-step.js';

describe('what the installer finds and leaves on a node', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'grit-node-'));
  });

  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  const imageOf = async (build: string): Promise<string> => {
    const image = join(directory, `image-${build}`);
    await mkdir(join(image, 'bin'), { recursive: true });
    await writeFile(join(image, 'BUILD'), `${build}\n`);
    await writeFile(join(image, 'bin/program'), build, { mode: 0o755 });
    return image;
  };

  it('programs are copied once, the newest are the current ones, others and what a killed copy has left are removed', async () => {
    const target = join(directory, 'target');
    await mkdir(join(target, '.new-build-x'), { recursive: true });
    await writeFile(join(target, 'runc-grit'), 'stays');
    assert.equal(await copyPrograms(await imageOf('one'), target), true);
    assert.equal(await copyPrograms(await imageOf('one'), target), false);
    assert.equal(await readFile(join(target, 'current/bin/program'), 'utf8'), 'one');
    assert.equal(await copyPrograms(await imageOf('two'), target), true);
    assert.equal(await readlink(join(target, 'current')), 'build-two');
    assert.equal((await stat(join(target, 'current/bin/program'))).mode & 0o777, 0o755);
    assert.deepEqual((await readdir(target)).sort(), ['build-two', 'current', 'runc-grit']);
  });

  it('who listens on a socket is found, and nobody when it was left behind', async () => {
    const socket = join(directory, 'containerd.sock');
    const server = createServer().listen(socket);
    await once(server, 'listening');
    const found = await findContainerd(socket, process.pid);
    assert.ok(found !== undefined);
    assert.equal(found.pid, process.pid);
    assert.equal(found.path, (await readFile('/proc/self/environ', 'utf8')).match(/(?:^|\0)PATH=([^\0]*)/)?.[1]);
    server.close();
    await once(server, 'close');
    assert.equal(await findContainerd(socket, process.pid), undefined);
  });

  it('outside of a pod there is no shim, which is said with what to do', async () => {
    await assert.rejects(findOurShim(1), { code: 'GRIT_UNSUPPORTED' });
  });

  it('a file that is written anew keeps its mode', async () => {
    const file = join(directory, 'more/config.toml');
    await writeInOneStep(file, 'one');
    await chmod(file, 0o600);
    await writeInOneStep(file, 'two');
    assert.equal(await readFile(file, 'utf8'), 'two');
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(join(directory, 'more')), ['config.toml']);
  });
});
