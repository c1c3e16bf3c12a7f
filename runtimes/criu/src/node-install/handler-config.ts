// SPDX-License-Identifier: Apache-2.0
import { dirname } from 'node:path';
import { GritError } from '@grit/plugin-api';
import type { ContainerdSettings } from './containerd-settings.js';

/** Name of the handler, and of the RuntimeClass. */
export const HANDLER = 'grit';

const BEGIN = '# BEGIN grit: written by the installer of GRIT, which takes it away again';
const END = '# END grit';

/** A change of one file of containerd's configuration. */
export interface HandlerChange {
  readonly file: string;
  readonly text: string;
}

/**
 * What is to be written so that containerd has our handler: a file of its own where containerd 2 reads such files, else a section at the
 * end of its configuration. `text` is what the configuration file has now, undefined where there is none.
 * Throws GRIT_UNSUPPORTED for a configuration of version 1.
 */
export function addHandler(
  config: string,
  text: string | undefined,
  settings: ContainerdSettings,
  program: string,
): HandlerChange {
  const version = text === undefined ? 3 : Number(/^\s*version\s*=\s*(\d+)/m.exec(text)?.[1] ?? 1);
  if (version < 2) {
    throw new GritError('GRIT_UNSUPPORTED', `${config} has version 1, which has no place for runtimes like ours`, {
      hint: 'Convert it: containerd config migrate.',
    });
  }
  const section = renderSection(version, settings, program);
  const folder = dropInFolder(settings.imports);
  if (version >= 3 && folder !== undefined) {
    return { file: `${folder}/${HANDLER}.toml`, text: `${BEGIN}\nversion = 3\n\n${section}${END}\n` };
  }
  const before = text === undefined ? 'version = 3\n' : withoutHandler(text);
  return { file: config, text: `${before}\n${BEGIN}\n${section}${END}\n` };
}

/** A configuration as it was before `addHandler`, to the byte; empty for a file of our own. */
export function withoutHandler(text: string): string {
  const own = text.startsWith(BEGIN);
  const from = own ? 0 : text.indexOf(`\n${BEGIN}`);
  const to = text.indexOf(`${END}\n`, from);
  return from < 0 || to < 0 ? text : text.slice(0, from) + text.slice(to + END.length + 1);
}

/** The last pattern for all files of a folder: what an administrator has set comes after containerd's own. */
function dropInFolder(imports: readonly string[]): string | undefined {
  const pattern = imports.filter((entry) => entry.startsWith('/') && entry.endsWith('/*.toml')).at(-1);
  return pattern === undefined ? undefined : dirname(pattern);
}

/** The options are those of the default runtime, but for the program: whatever is true for runc on this node is true for our wrapper. */
function renderSection(version: number, { options }: ContainerdSettings, program: string): string {
  const plugin = version >= 3 ? 'io.containerd.cri.v1.runtime' : 'io.containerd.grpc.v1.cri';
  const table = `plugins.'${plugin}'.containerd.runtimes.${HANDLER}`;
  const kept = Object.entries(options).filter(
    ([name, value]) => name !== 'BinaryName' && !/^(''|""|0|\[\])$/.test(value),
  );
  const lines = kept.map(([name, value]) => `${name} = ${value}\n`).join('');
  return `[${table}]
runtime_type = 'io.containerd.runc.v2'
pod_annotations = ['grit.dev/*']
container_annotations = ['grit.dev/*']

[${table}.options]
BinaryName = '${program}'
${lines}`;
}
