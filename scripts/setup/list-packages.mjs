// SPDX-License-Identifier: Apache-2.0
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './paths.mjs';

/** Folders of all workspace packages, relative to the checkout. */
export function listPackages() {
  const { workspaces } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return workspaces.flatMap(expand).sort();
}

function expand(pattern) {
  const candidates = pattern.endsWith('/*') ? listChildren(pattern.slice(0, -2)) : [pattern];
  return candidates.filter((folder) => existsSync(join(ROOT, folder, 'package.json')));
}

function listChildren(parent) {
  if (!existsSync(join(ROOT, parent))) return [];
  return readdirSync(join(ROOT, parent)).map((name) => `${parent}/${name}`);
}
