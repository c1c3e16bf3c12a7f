// SPDX-License-Identifier: Apache-2.0
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../setup/paths.mjs';
import { listFiles } from '../setup/list-files.mjs';

/** Test files below the given paths (a package, a folder, one file), or all that .mocharc.json names. */
export function listSpecs(paths) {
  const folders = paths.length > 0 ? paths : readSpecFolders();
  return folders.flatMap((path) =>
    isFile(path) ? [path] : listFiles(path).filter((file) => file.endsWith('.test.ts')),
  );
}

function readSpecFolders() {
  const { spec } = JSON.parse(readFileSync(join(ROOT, '.mocharc.json'), 'utf8'));
  return spec.map((pattern) => (pattern.startsWith('test/') ? pattern.split('/*')[0] : pattern.split('/')[0]));
}

function isFile(path) {
  return statSync(join(ROOT, path), { throwIfNoEntry: false })?.isFile() ?? false;
}
