// SPDX-License-Identifier: Apache-2.0
import module from 'node:module';

/**
 * Runs a command with the right Node: this one, or the one that npm installed beside it.
 *
 * @param script - file in this folder that calls this
 * @param load - the module with the command
 */
export async function runMain(script, load) {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (!(major > 24 || (major === 24 && minor >= 15) || (major === 22 && minor >= 22))) {
    const { startWithRightNode } = await import('./start-with-right-node.js');
    process.exitCode = await startWithRightNode(script);
    return;
  }
  module.enableCompileCache();
  const { main } = await load();
  // A reader that has seen enough (head, less) is no error of ours.
  process.stdout.on('error', (error) => process.exit(error.code === 'EPIPE' ? 141 : 1));
  const code = await main(process.argv.slice(2), { environment: process.env, workingDirectory: process.cwd() });
  if (process.stdout.writableLength > 0) await new Promise((resolve) => process.stdout.once('drain', resolve));
  process.exit(code);
}
