#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// The plugin of kubectl. `bin/kubectl-grit` starts it with the right Node; started with an older one, it finds the right one itself.
import module from 'node:module';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major > 24 || (major === 24 && minor >= 15) || (major === 22 && minor >= 22)) {
  module.enableCompileCache();
  const { main } = await import('../dist/kubectl/main.js');
  // A reader that has seen enough (head, less) is no error of ours.
  process.stdout.on('error', (error) => process.exit(error.code === 'EPIPE' ? 141 : 1));
  const code = await main(process.argv.slice(2), { environment: process.env, workingDirectory: process.cwd() });
  if (process.stdout.writableLength > 0) await new Promise((resolve) => process.stdout.once('drain', resolve));
  process.exit(code);
} else {
  const { startWithRightNode } = await import('./start-with-right-node.js');
  process.exitCode = await startWithRightNode('kubectl-grit.js');
}
