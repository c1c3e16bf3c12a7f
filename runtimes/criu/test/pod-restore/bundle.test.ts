// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { arch, tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubeletDirectoryOf, sharedMemoryOf } from '../../src/pod/pod-directories.js';
import { exitProgram, skipInit, writeExitProgram } from '../../src/pod-restore/skip-init.js';

const mountsOf = (...sources: string[]): { destination: string; source: string }[] =>
  sources.map((source) => ({ destination: '/dev/shm', source }));

describe('bundles of pods', () => {
  it('the directory of the kubelet is told by its own mounts, of this pod only', () => {
    const home = '/var/lib/kubelet/pods/u1';
    for (const place of [
      'etc-hosts',
      'containers/one/1a2b',
      'volumes/kubernetes.io~empty-dir/data',
      'volumes/kubernetes.io~projected/token',
      'volume-subpaths/data/one/0',
    ]) {
      assert.equal(kubeletDirectoryOf(mountsOf('/tmp', `${home}/${place}`), 'u1'), home, place);
    }
    for (const source of [
      '/var/lib/kubelet/pods/u2/etc-hosts',
      '/var/lib/x/../kubelet/pods/u1/etc-hosts',
      '/pods/u1/etc-hosts',
      `${home}/plugins/x`,
      `${home}/etc-hosts/x`,
    ]) {
      assert.equal(kubeletDirectoryOf(mountsOf(source), 'u1'), undefined, source);
    }
  });

  it('the shared memory is the one of the sandbox, never the node’s', () => {
    assert.equal(
      sharedMemoryOf(mountsOf('/run/containerd/sandboxes/s1/shm'), 's1'),
      '/run/containerd/sandboxes/s1/shm',
    );
    for (const source of ['/dev/shm', '/run/containerd/sandboxes/s2/shm', '/run/../s1/shm']) {
      assert.equal(sharedMemoryOf(mountsOf(source), 's1'), undefined, source);
    }
    assert.equal(sharedMemoryOf(mountsOf(), 's1'), undefined);
  });

  it('the program of an init container that is passed over ends well', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'grit-exit-'));
    try {
      const program = join(directory, 'exit');
      await writeExitProgram(program, arch());
      assert.equal(spawnSync(program).status, 0);
      const config = skipInit(
        { process: { args: ['sh'], user: { uid: 7 } }, mounts: [{ destination: '/a' }] },
        program,
      );
      const [, mount] = config.mounts ?? [];
      assert.deepEqual(config.process, { args: [mount?.destination], user: { uid: 7 }, cwd: '/' });
      assert.equal(mount?.source, program);
    } finally {
      await rm(directory, { recursive: true });
    }
    assert.throws(() => exitProgram('mips'), { code: 'GRIT_UNSUPPORTED' });
  });
});
