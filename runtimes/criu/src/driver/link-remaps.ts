// SPDX-License-Identifier: Apache-2.0
import { readdir, readlink, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readTextIfThere } from '../files/sealed-json.js';
import { packArguments } from '../rootfs/root-diff.js';

/**
 * True when a process has a file open whose name is gone while the file has another one. CRIU then makes a name
 * `link_remap.N` beside it and takes it away at the end of the dump, so the files have to be packed in between.
 */
export async function unlinkedNames(pids: readonly number[]): Promise<boolean> {
  const found = await Promise.all(pids.map(async (pid) => (await inDescriptors(pid)) || (await inMappings(pid))));
  return found.includes(true);
}

async function inDescriptors(pid: number): Promise<boolean> {
  const directory = `/proc/${pid}/fd`;
  const names = await readdir(directory).catch(() => []);
  const found = await Promise.all(names.map(async (name) => isUnlinked(join(directory, name))));
  return found.includes(true);
}

async function inMappings(pid: number): Promise<boolean> {
  const maps = (await readTextIfThere(`/proc/${pid}/maps`)) ?? '';
  for (const line of maps.split('\n')) {
    if (!line.endsWith(' (deleted)')) continue;
    const range = line.slice(0, line.indexOf(' '));
    if (await isUnlinked(`/proc/${pid}/map_files/${range}`)) return true;
  }
  return false;
}

async function isUnlinked(link: string): Promise<boolean> {
  try {
    const target = await readlink(link);
    // Files in /dev/shm are carried by CRIU together with their file system.
    if (!target.startsWith('/') || !target.endsWith(' (deleted)') || target.startsWith('/dev/')) return false;
    return (await stat(link)).nlink > 0;
  } catch {
    return false;
  }
}

/** Writes the script that CRIU runs at that moment. Returns its path. */
export async function writePackScript(directory: string, upper: string, tar: string): Promise<string> {
  const path = join(directory, 'post-dump.sh');
  const words = ['tar', ...packArguments(upper, tar)].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  const script = `#!/bin/sh\n[ "$CRTOOLS_SCRIPT_ACTION" = post-dump ] || exit 0\nexec ${words.join(' ')}\n`;
  await writeFile(path, script, { mode: 0o700 });
  return path;
}
