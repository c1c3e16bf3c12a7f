// SPDX-License-Identifier: Apache-2.0
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

// sbin is not in everybody's PATH, but runc, iptables and CRIU live there.
const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];

/** Full path of a program in PATH or an sbin folder; undefined when there is none. */
export function findProgram(name) {
  for (const folder of FOLDERS) {
    if (folder === '') continue;
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      if (statSync(file).isFile()) return file;
    } catch {
      // not here: look in the next folder
    }
  }
  return undefined;
}
