// SPDX-License-Identifier: Apache-2.0
import { cpSync, existsSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { ROOT } from '../setup/paths.mjs';
import { SetupError } from '../setup/report.mjs';

// Sources, papers and binaries of other machines that nothing loads.
const LEFT_OUT =
  /(^|\/)(node_modules|test|tests|doc|docs|vendor|musl_x64)(\/|$)|\.(map|md|d\.ts|d\.cts|d\.mts|tsbuildinfo)$/;

/** Copies a package of ours and everything that it needs to run into `target`/node_modules. */
export function copyRuntimePackages(names, target) {
  const versions = new Map();
  const take = (name, from, optional) => {
    const folder = findPackage(name, from);
    if (folder === undefined) {
      if (optional) return;
      throw new SetupError(`${name} is not installed`);
    }
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const known = versions.get(name);
    if (known !== undefined && known !== manifest.version) {
      throw new SetupError(`${name} is needed in two versions, ${known} and ${manifest.version}`);
    }
    if (known !== undefined) return;
    versions.set(name, manifest.version);
    copyPackage(folder, join(target, 'node_modules', name), manifest);
    for (const other of Object.keys(manifest.dependencies ?? {})) take(other, folder, false);
    for (const other of Object.keys(manifest.optionalDependencies ?? {})) take(other, folder, true);
  };
  for (const name of names) take(name, ROOT, false);
  return versions;
}

/** As Node looks for it. */
function findPackage(name, from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const place = join(folder, 'node_modules', name);
    if (basename(folder) !== 'node_modules' && existsSync(join(place, 'package.json'))) return realpathSync(place);
    if (folder === ROOT) return undefined;
  }
}

function copyPackage(folder, target, manifest) {
  // Ours without their sources.
  const ours = !folder.includes(`${sep}node_modules${sep}`);
  const parts = ours ? ['package.json', ...(manifest.files ?? [])] : ['.'];
  for (const part of parts.filter((name) => existsSync(join(folder, name)))) {
    cpSync(join(folder, part), join(target, part), {
      recursive: true,
      filter: (path) => !LEFT_OUT.test(relative(folder, path)),
    });
  }
}
