// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../setup/paths.mjs';

/**
 * Arguments for Node 24 that run mocha on these files with the options of .mocharc.json. Mocha would add the `spec` of
 * that file to any files named on the command line, so it is read here instead.
 */
export function mochaCommand(specs, options = []) {
  const config = JSON.parse(readFileSync(join(ROOT, '.mocharc.json'), 'utf8'));
  return [
    ...config['node-option'].map((option) => `--${option}`),
    join(ROOT, 'node_modules/mocha/bin/mocha.js'),
    '--no-config',
    '--reporter',
    config.reporter,
    ...config.require.flatMap((file) => ['--require', file]),
    '--timeout',
    String(config.timeout),
    '--slow',
    String(config.slow),
    '--forbid-only',
    ...options,
    ...specs,
  ];
}
