// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';

/** Where configuration may come from. */
export interface ConfigLookup {
  /** `--config`. */
  readonly path?: string | undefined;
  /** More `--config`, or names: `dev` is `grit.dev.yaml` beside `grit.yaml`. */
  readonly overlays?: readonly string[] | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}

const DEFAULT_FILE = 'grit.yaml';

/** The files to read, in the order in which they are laid over each other. Empty: the built-in configuration is all. */
export function findConfigFiles({ path, overlays = [], env, cwd }: ConfigLookup): readonly string[] {
  const files = baseFiles(path, env, cwd);
  const base = files[0] ?? resolve(cwd, DEFAULT_FILE);
  return [...files, ...overlays.map((overlay) => overlayFile(overlay, base, cwd))];
}

function baseFiles(path: string | undefined, env: NodeJS.ProcessEnv, cwd: string): readonly string[] {
  if (path !== undefined) return [resolve(cwd, path)];
  if (env.GRIT_CONFIG !== undefined && env.GRIT_CONFIG !== '') {
    return env.GRIT_CONFIG.split(':').map((file) => resolve(cwd, file));
  }
  const file = resolve(cwd, DEFAULT_FILE);
  return existsSync(file) ? [file] : [];
}

function overlayFile(overlay: string, base: string, cwd: string): string {
  if (overlay.includes('/') || /\.ya?ml$/.test(overlay)) return resolve(cwd, overlay);
  const extension = extname(base);
  return join(dirname(base), `${basename(base, extension)}.${overlay}${extension}`);
}
