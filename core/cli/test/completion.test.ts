// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { complete, FILES } from '../src/completion/complete.js';
import { COMPLETION_SCRIPTS, SHELLS } from '../src/completion/scripts.js';
import { COMMAND_NAMES, loadCommand } from '../src/commands/registry.js';

const source = { commands: COMMAND_NAMES, load: loadCommand, names: async (what: string) => [`${what}-1`, 'train'] };
const candidates = (...words: string[]) => complete(words, source);

describe('completion', () => {
  it('commands, options, values and names', async () => {
    assert.deepEqual(await candidates('re'), ['restore', 'release', 'rekey']);
    assert.deepEqual(await candidates('checkpoint', 'tr'), ['train']);
    assert.deepEqual(await candidates('rekey', 'ck-1', 'tr'), ['train']);
    assert.deepEqual(await candidates('checkpoint', '--after', ''), ['resume', 'stop', 'hold']);
    assert.ok((await candidates('checkpoint', '--')).includes('--storage'));
    assert.deepEqual(await candidates('migrate', 'train', '--to', ''), ['nodes-1', 'train']);
    assert.deepEqual(await candidates('describe', 'operation', ''), ['operations-1', 'train']);
    assert.deepEqual(await candidates('get', 'workloads', '-o', 'j'), ['json']);
    assert.deepEqual(await candidates('server', '--no'), ['--node', '--no-agent']);
    assert.deepEqual(await candidates('run', '--name', 'x', '--', ''), [FILES]);
    assert.deepEqual(await candidates('nonsense', ''), []);
  });

  for (const shell of SHELLS) {
    it(`the script for ${shell} is understood by it`, function () {
      const checked = spawnSync(shell, ['-n'], { input: COMPLETION_SCRIPTS[shell], encoding: 'utf8' });
      if (checked.error !== undefined) return this.skip(`${shell} is not installed`);
      assert.equal(checked.stderr, '');
      assert.equal(checked.status, 0);
    });
  }
});
