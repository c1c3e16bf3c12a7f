// SPDX-License-Identifier: Apache-2.0
import { readdir, readlink, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readTextIfThere } from '../files/sealed-json.js';
import { shellWord } from '../process/shell-word.js';
import { packArguments } from '../rootfs/root-diff.js';

const DELETED = ' (deleted)';

/**
 * True when a process has a file open whose name is gone while the file has another one. CRIU then makes a name
 * `link_remap.N` beside it and takes it away at the end of the dump, so the files have to be packed in between.
 */
export async function unlinkedNames(pids: readonly number[]): Promise<boolean> {
  // Files in /dev/shm are carried by CRIU together with their file system.
  return (await unlinkedFiles(pids)).some((path) => !path.startsWith('/dev/'));
}

/** The names that such files had, as their processes saw them. */
export async function unlinkedFiles(pids: readonly number[]): Promise<readonly string[]> {
  const links = (
    await Promise.all(pids.map(async (pid) => [...(await descriptorsOf(pid)), ...(await mappingsOf(pid))]))
  ).flat();
  return (await Promise.all(links.map(unlinkedFile))).filter((path) => path !== undefined);
}

async function descriptorsOf(pid: number): Promise<readonly string[]> {
  const directory = `/proc/${pid}/fd`;
  return (await readdir(directory).catch(() => [])).map((name) => join(directory, name));
}

async function mappingsOf(pid: number): Promise<readonly string[]> {
  const maps = (await readTextIfThere(`/proc/${pid}/maps`)) ?? '';
  const deleted = maps.split('\n').filter((line) => line.endsWith(DELETED));
  return deleted.map((line) => `/proc/${pid}/map_files/${line.slice(0, line.indexOf(' '))}`);
}

async function unlinkedFile(link: string): Promise<string | undefined> {
  try {
    const target = await readlink(link);
    if (!target.startsWith('/') || !target.endsWith(DELETED)) return undefined;
    return (await stat(link)).nlink > 0 ? target.slice(0, -DELETED.length) : undefined;
  } catch {
    return undefined;
  }
}

/** A directory that is packed into a file. */
export interface PackedDirectory {
  readonly directory: string;
  readonly tar: string;
}

/** Writes the script that CRIU runs at that moment, into the directory. Returns its path. */
export async function writePackScript(directory: string, packed: readonly PackedDirectory[]): Promise<string> {
  const path = join(directory, 'post-dump.sh');
  const commands = packed.map((one) => ['tar', ...packArguments(one.directory, one.tar)].map(shellWord).join(' '));
  const script = `#!/bin/sh\n[ "$CRTOOLS_SCRIPT_ACTION" = post-dump ] || exit 0\n${commands.join(' &&\n')}\n`;
  await writeFile(path, script, { mode: 0o700 });
  return path;
}
