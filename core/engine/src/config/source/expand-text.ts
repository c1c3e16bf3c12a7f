// SPDX-License-Identifier: Apache-2.0
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

const REFERENCE = /\$(\$?)\{([^}]*)\}/g;
const VARIABLE = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

/** Fills in `${NAME}` and `${NAME:-default}`; `$${` stays as `${`. Throws an Error that says what is wrong. */
export function expandVariables(text: string, env: NodeJS.ProcessEnv): string {
  return text.replace(REFERENCE, (whole, escaped: string, inner: string) => {
    if (escaped !== '') return whole.slice(1);
    const [, name, fallback] = VARIABLE.exec(inner) ?? [];
    if (name === undefined) throw new Error(`"${whole}" is no variable; a literal $\{ is written $$\{`);
    const value = env[name];
    if (value !== undefined && (value !== '' || fallback === undefined)) return value;
    if (fallback !== undefined) return fallback;
    throw new Error(`the environment variable ${name} is not set; \${${name}:-default} gives it a default`);
  });
}

/** A text that begins with `./`, `../` or `~/` is a path: relative to the folder of its file, or to the home directory. */
export function expandPath(text: string, folder: string, env: NodeJS.ProcessEnv): string {
  if (text.startsWith('~/')) return join(env.HOME ?? homedir(), text.slice(2));
  return text.startsWith('./') || text.startsWith('../') ? resolve(folder, text) : text;
}

/** What an unquoted value means in YAML when it comes from a variable: a number or boolean where it looks like one. */
export function readPlain(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?$/.test(text) ? Number(text) : text;
}
