// SPDX-License-Identifier: Apache-2.0
import { existsSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';

const CONDITIONS = ['node', 'import', 'module-sync', 'default'];

/** The file that `import` of the package loads, or undefined when there is none or it is outside of the package. */
export function packageEntry(folder: string, packageJson: Readonly<Record<string, unknown>>): string | undefined {
  const target = packageJson.exports === undefined ? (packageJson.main ?? 'index.js') : rootExport(packageJson.exports);
  if (typeof target !== 'string') return undefined;
  const file = join(folder, target);
  if (!existsSync(file)) return undefined;
  const real = realpathSync(file);
  return real.startsWith(folder + sep) ? real : undefined;
}

function rootExport(exports: unknown): unknown {
  if (typeof exports !== 'object' || exports === null || Array.isArray(exports)) return exports;
  return Object.hasOwn(exports, '.') ? byCondition((exports as Record<string, unknown>)['.']) : byCondition(exports);
}

function byCondition(target: unknown): unknown {
  if (typeof target !== 'object' || target === null) return target;
  for (const [condition, value] of Object.entries(target)) {
    const found: unknown = CONDITIONS.includes(condition) ? byCondition(value) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}
