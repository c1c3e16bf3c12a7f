// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { listFiles } from '../setup/list-files.mjs';
import { listPackages } from '../setup/list-packages.mjs';
import { ROOT } from '../setup/paths.mjs';

const bin = (path) => join(ROOT, 'node_modules', path);

/** Folders outside the packages that hold TypeScript of their own; those that exist are type-checked too. */
const LOOSE = ['test', 'bench', 'examples/demo'];

/** What `npm run check` runs: a name and the arguments for Node 24. `fix` tells `npm run format` and `generate` theirs. */
export const types = { name: 'types', args: [bin('typescript/bin/tsc'), '-b', '.', ...listTestProjects()] };
export const lint = { name: 'lint', args: [bin('eslint/bin/eslint.js'), '.', '--max-warnings', '0'] };
export const format = {
  name: 'format',
  args: [bin('prettier/bin/prettier.cjs'), '.', '--check', '--log-level', 'warn'],
};
export const layers = {
  name: 'layers',
  args: [bin('dependency-cruiser/bin/dependency-cruiser.mjs'), '--output-type', 'err', ...listLayers()],
};
export const deadCode = { name: 'dead code', args: [bin('knip/bin/knip.js'), '--no-progress', '--no-config-hints'] };
export const apiReport = {
  name: 'API report of plugin-api',
  args: [bin('@microsoft/api-extractor/bin/api-extractor'), 'run', '-c', 'core/plugin-api/api-extractor.json'],
};

/** Every script in scripts/generate writes a checked-in file from the code; with --check it only compares. */
export const generators = listFiles('scripts/generate')
  .filter((file) => /\.(mjs|ts)$/.test(file))
  .map((file) => ({ name: file, args: ['--import', 'tsx', join(ROOT, file)] }));

function listTestProjects() {
  const folders = [...listPackages().map((folder) => `${folder}/test`), ...LOOSE];
  return folders.filter(
    (folder) => existsSync(join(ROOT, folder, 'tsconfig.json')) && listFiles(folder).some(isSource),
  );
}

function listLayers() {
  const folders = ['core', 'runtimes', 'storage-providers', 'plugins', 'test', 'bench', 'examples'];
  return folders.filter((folder) => existsSync(join(ROOT, folder)));
}

function isSource(file) {
  return file.endsWith('.ts');
}
