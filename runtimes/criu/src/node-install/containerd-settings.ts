// SPDX-License-Identifier: Apache-2.0

/** What `containerd config dump` says of what we need: the configuration as it is with all its files and defaults. */
export interface ContainerdSettings {
  /** Name of the runtime of pods that name none. */
  readonly defaultRuntime: string;
  /** Names of all runtimes. */
  readonly runtimes: readonly string[];
  /** Lines `key = value` of the options of the default runtime. */
  readonly options: Readonly<Record<string, string>>;
  /** The program of the default runtime: runc, or what stands in its place on this node. */
  readonly program: string;
  /** Patterns of files that are read, too. */
  readonly imports: readonly string[];
  /** Where containerd keeps what lives as long as containers. */
  readonly state: string;
}

/** The plugin that has the runtimes: of containerd 2, and of 1. */
const PLUGINS = ['io.containerd.cri.v1.runtime', 'io.containerd.grpc.v1.cri'];

/** Reads what `containerd config dump` has written. TOML as that command writes it: each table has a head, each value a line. */
export function readContainerdSettings(dump: string): ContainerdSettings {
  const tables = readTables(dump);
  const plugin = PLUGINS.find((name) => tables.has(key('plugins', name, 'containerd'))) ?? '';
  const containerd = tables.get(key('plugins', plugin, 'containerd')) ?? {};
  const defaultRuntime = textOf(containerd['default_runtime_name']) || 'runc';
  const above = key('plugins', plugin, 'containerd', 'runtimes', '');
  const below = [...tables.keys()].filter((name) => name.startsWith(above)).map((name) => name.slice(above.length));
  const top = tables.get('') ?? {};
  const options = tables.get(`${above}${key(defaultRuntime, 'options')}`) ?? {};
  return {
    defaultRuntime,
    runtimes: [...new Set(below.map((name) => name.split('\0', 1).join('')))],
    options,
    program: textOf(options['BinaryName']) || 'runc',
    imports: [...(top['imports'] ?? '').matchAll(/'([^']*)'|"([^"]*)"/g)].map(([, a, b]) => a ?? b ?? ''),
    state: textOf(top['state']) || '/run/containerd',
  };
}

function readTables(text: string): Map<string, Record<string, string>> {
  let table: Record<string, string> = {};
  const tables = new Map([['', table]]);
  for (const line of text.split('\n').map((each) => each.trim())) {
    const head = /^\[(.+)\]$/.exec(line)?.[1];
    const [, name = '', value = ''] = /^([\w-]+)\s*=\s*(.*)$/.exec(line) ?? [];
    if (name !== '') table[name] = value;
    else if (head !== undefined) tables.set(key(...wordsOf(head)), (table = {}));
  }
  return tables;
}

/** Words of a dotted key, with or without quotes. */
function wordsOf(head: string): string[] {
  return [...head.matchAll(/'([^']*)'|"([^"]*)"|([\w-]+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '');
}

function key(...words: readonly string[]): string {
  return words.join('\0');
}

function textOf(value = ''): string {
  return value.replace(/^(['"])(.*)\1$/, '$2');
}
