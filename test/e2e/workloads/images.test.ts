// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pythonUnavailable } from '../../cluster/index.js';
import { debianImageUnavailable } from '../../cluster/images/debian-image.js';
import { makeDebianRoot } from '../../cluster/images/debian-root.js';
import { until } from '../../cluster/until.js';

describe('images of Debian', function () {
  this.timeout(600_000);
  let signal: AbortSignal;
  let folder: string;

  // Not while the files are loaded: other suites may run for long before.
  before(() => (signal = AbortSignal.timeout(600_000)));
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'grit-images-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('packages that cannot be had are a reason to skip', async () => {
    // Nobody listens there; where that does not matter to apt, there is still no such package.
    const unreachable = 'http://127.0.0.1:9';
    const image = { name: 'localhost/none:1', packages: ['grit-has-no-such-package'] };
    const proxies = ['http_proxy', 'https_proxy'].map((name) => ({ name, before: process.env[name] }));
    for (const { name } of proxies) process.env[name] = unreachable;
    const reason = await debianImageUnavailable(image, signal).finally(() => {
      for (const { name, before } of proxies) {
        if (before === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = before;
      }
    });
    assert.match(reason ?? 'no reason', /cannot be had|needs root|missing for images/);
  });

  it('one that is called off leaves no process and no mount', async function () {
    const reason = await pythonUnavailable(signal);
    if (reason !== undefined) this.skip(reason);
    const calledOff = new AbortController();
    const made = makeDebianRoot(['python3'], join(folder, 'layer.tar'), folder, calledOff.signal);
    const isBegun = async (): Promise<boolean> =>
      readdirSync(folder).some((name) => existsSync(join(folder, name, 'etc')));
    await until('mmdebstrap has begun', signal, isBegun);
    calledOff.abort();
    await assert.rejects(made, { name: 'AbortError' });
    await until('no process of it is there', signal, async () => !listCommands().some((line) => line.includes(folder)));
    assert.ok(!readFileSync('/proc/self/mountinfo', 'utf8').includes(folder));
  });
});

function listCommands(): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(readCommand);
}

// A process may end while one looks at it.
function readCommand(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
