// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const SCRIPT = join(import.meta.dirname, '../../scripts/pack-example.mjs');

describe('examples/third-party-plugin', function () {
  // It is installed from tarballs: a minute on a slow connection.
  this.timeout(180_000);

  it('stands on the packed packages alone, passes the trigger suite and works in a whole platform', async () => {
    const { code, output } = await runScript();
    assert.equal(code, 0, output);
    assert.match(output, /\bpass [1-9]/);
    assert.match(output, /\bskipped 0\b/);
  });
});

async function runScript(): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn(process.execPath, [SCRIPT], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  return { code, output };
}
