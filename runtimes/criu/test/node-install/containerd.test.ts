// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { readContainerdSettings } from '../../src/node-install/containerd-settings.js';
import { addHandler, withoutHandler } from '../../src/node-install/handler-config.js';

const WRAPPER = '/opt/grit/runc-grit';

const runtimesOf = (plugin: string): string => `
[plugins."${plugin}".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[plugins."${plugin}".containerd.runtimes.runc.options]
SystemdCgroup = true
[plugins."${plugin}".containerd.runtimes.other]
runtime_type = "io.containerd.other.v2"
`;

const CONFIGS = {
  'a section in a configuration of containerd 1': `version = 2\n${runtimesOf('io.containerd.grpc.v1.cri')}`,
  'a file of its own beside one of containerd 2': `version = 3\n${runtimesOf('io.containerd.cri.v1.runtime')}`,
};

describe('the handler, as a real containerd reads it', function () {
  this.timeout(60_000);
  let directory: string;
  let containerd: string;

  before(async function () {
    const found = findContainerd();
    if (found === undefined) return this.skip('no containerd: npm run cluster -- build makes one');
    containerd = found;
    directory = await mkdtemp(join(tmpdir(), 'grit-handler-'));
  });

  after(async () => {
    if ((directory as string | undefined) !== undefined) await rm(directory, { recursive: true });
  });

  const dump = (config: string): string =>
    execFileSync(containerd, ['--config', config, 'config', 'dump'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });

  for (const [what, text] of Object.entries(CONFIGS)) {
    it(`${what} adds it with the options of runc, and leaves the others`, async () => {
      const own = join(directory, what.replaceAll(' ', '-'));
      await mkdir(join(own, 'more.d'), { recursive: true });
      const config = join(own, 'config.toml');
      const before = text.replace('\n', `\nimports = ['${own}/more.d/*.toml']\n`);
      await writeFile(config, before);
      const change = addHandler(config, before, readContainerdSettings(dump(config)), WRAPPER);
      await writeFile(change.file, change.text);
      const after = dump(config);
      assert.deepEqual([...readContainerdSettings(after).runtimes].sort(), ['grit', 'other', 'runc']);
      const asDefault = after.replace(/default_runtime_name = .*/, "default_runtime_name = 'grit'");
      const { BinaryName, SystemdCgroup } = readContainerdSettings(asDefault).options;
      assert.deepEqual({ BinaryName, SystemdCgroup }, { BinaryName: `'${WRAPPER}'`, SystemdCgroup: 'true' });
      const left = withoutHandler(await readFile(change.file, 'utf8'));
      assert.equal(left, change.file === config ? before : '');
    });
  }
});

/** In PATH, or where the test cluster has built one. */
function findContainerd(): string | undefined {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'grit', 'cluster');
  const built = existsSync(cache) ? readdirSync(cache).filter((name) => name.startsWith('containerd-')) : [];
  const folders = [...(process.env['PATH'] ?? '').split(':'), ...built.map((name) => join(cache, name))];
  return folders.map((folder) => join(folder, 'containerd')).find((file) => existsSync(file));
}
