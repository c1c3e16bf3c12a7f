// SPDX-License-Identifier: Apache-2.0
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * A stand-in for NVIDIA's program, which is not free to be kept here. It knows the options of the documentation, and prints what reports of the real
 * one show: the bare word or number, or a sentence with the driver's text and an end other than 0. The last argument is the pid:
 *   below 1000 all is well, 1001 is no CUDA process, 1304 and 1600 get that answer, 2000 has no driver, 3000 prints rubbish, 4000 never ends.
 */
const SCRIPT = `#!/bin/sh
for last; do :; done
echo "$@" >> "$FIXTURE_DIR/log"
case $last in
  1001) echo 'Could not find the process: "invalid argument"' >&2; exit 1;;
  1304) echo 'Could not act: "OS call failed or operation not supported on this OS"' >&2; exit 1;;
  1600) echo 'Could not lock: "device not ready"' >&2; exit 1;;
  1777) echo 'words nobody knows' >&2; exit 1;;
  2000) echo 'Error initializing CUDA: "no CUDA-capable device is detected"' >&2; exit 1;;
  3000) echo 'hello world';;
  4000) echo $$ > "$FIXTURE_DIR/begun-4000.new"; mv "$FIXTURE_DIR/begun-4000.new" "$FIXTURE_DIR/begun-4000"; exec sleep 600;;
  *) case $1 in
    --get-restore-tid) echo "\${last}0";;
    --get-state) echo checkpointed;;
  esac;;
esac
`;

/** Writes the program into a directory that can stand in PATH; gives its path. */
export async function writeFakeProgram(directory: string): Promise<string> {
  const path = join(directory, 'bin', 'cuda-checkpoint');
  await mkdir(join(directory, 'bin'), { recursive: true });
  await writeFile(path, SCRIPT);
  await chmod(path, 0o755);
  return path;
}
