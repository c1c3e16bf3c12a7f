// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { ROOT } from './paths.mjs';

/** Where the command is in one file. */
export const COMMAND_BUNDLE = 'core/cli/dist/bundle/main.js';

/**
 * Puts the command, the client of the server and the contract into one file: loading a hundred modules takes longer than everything
 * else that a command does. The engine stays outside; the few commands that need it load it as they always do.
 */
export async function bundleCommand() {
  // Not there before npm has installed the packages.
  const { build } = await import('esbuild');
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['core/cli/dist/main.js'],
    outfile: join(ROOT, COMMAND_BUNDLE),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    logLevel: 'warning',
    plugins: [
      {
        name: 'engine-outside',
        setup: ({ onResolve }) => onResolve({ filter: /^@grit\/core$/ }, ({ path }) => ({ path, external: true })),
      },
    ],
  });
}
