// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BIN = join(import.meta.dirname, '../bin');
const OLD_NODE = '/usr/bin/node';

function run(file: string, args: readonly string[], options: { cwd?: string } = {}) {
  return spawnSync(file, args, { encoding: 'utf8', env: { PATH: '/usr/bin:/bin', HOME: '/root' }, ...options });
}

describe('launcher', () => {
  it('finds its Node through links and from any directory', () => {
    const directory = mkdtempSync(join(tmpdir(), 'grit-bin-'));
    try {
      symlinkSync(join(BIN, 'grit'), join(directory, 'one'));
      symlinkSync('one', join(directory, 'two'));
      for (const [file, cwd] of [
        [join(directory, 'two'), '/'],
        ['./two', directory],
        [join(BIN, 'grit'), '/tmp'],
      ] as const) {
        const { status, stdout, stderr } = run(file, ['--help'], { cwd });
        assert.equal(stderr, '');
        assert.equal(status, 0);
        assert.match(stdout, /Usage: grit COMMAND/);
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('an older Node starts the right one and passes its exit code on', function () {
    const version = run(OLD_NODE, ['--version']).stdout;
    if (!/^v(18|20)\./.test(version)) return this.skip(`${OLD_NODE} is not an older Node`);
    assert.match(run(OLD_NODE, [join(BIN, 'grit.js'), '--help']).stdout, /Usage: grit COMMAND/);
    const wrong = run(OLD_NODE, [join(BIN, 'grit.js'), 'nonsense']);
    assert.equal(wrong.status, 2);
    assert.match(wrong.stderr, /^error: grit has no command "nonsense"\n/);
  });

  it('warns of nothing', () => {
    const state = mkdtempSync(join(tmpdir(), 'grit-state-'));
    const { stderr, status } = run(join(BIN, 'grit'), ['version', '--state-dir', state]);
    rmSync(state, { recursive: true });
    assert.equal(stderr, '');
    assert.equal(status, 0);
  });
});
