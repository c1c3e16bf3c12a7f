// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { timedRun, type Run } from './timed-run.js';

const COPY_FILES = join(import.meta.dirname, 'copy-files.mjs');

/**
 * The control: what the disk can do. Large files by four `dd` with O_DIRECT, each a quarter; small ones by `cp`.
 * No hash, no dedup, no compression, nothing verified.
 */
export async function controlCopy(from: string, to: string): Promise<Run> {
  const script = `
    mkdir -p ${to}; cd ${from}; find . -type d -exec mkdir -p ${to}/{} \\;
    find . -type f -size -64M -print0 | xargs -0 -r cp --parents -t ${to} &
    find . -type f -size +63M -print0 | while IFS= read -r -d '' file; do
      blocks=$(( ($(stat -c %s "$file") + 4194303) / 4194304 )); part=$(( (blocks + 3) / 4 ))
      for quarter in 0 1 2 3; do
        dd if="$file" of=${to}/"$file" bs=4M iflag=direct oflag=direct conv=notrunc status=none \\
          skip=$((quarter * part)) seek=$((quarter * part)) count=$part & done; wait; done; wait`;
  return timedRun(script);
}

/** `cp -r`. */
export function cp(from: string, to: string): Promise<Run> {
  return timedRun(`cp -r ${from} ${to}`);
}

/** Ten files (or pieces) at a time through the file system's own copy, as the prototype does. */
export function copyTenWays(from: string, to: string): Promise<Run> {
  return timedRun(`${process.execPath} ${COPY_FILES} ${from} ${to}`, { NODE_OPTIONS: '' });
}
