// SPDX-License-Identifier: Apache-2.0
import { runProgram } from '../process/run-program.js';
import { readTextIfThere } from './sealed-json.js';

const NO_STOP = new AbortController().signal;

/** Unmounts everything below (or at) the directories, innermost first: a CRIU that was killed leaves mounts of its own. */
export async function unmountBelow(directories: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const table = (await readTextIfThere('/proc/self/mountinfo')) ?? '';
  const points = table.split('\n').map((line) => unescapeMountPath(line.split(' ')[4] ?? ''));
  const below = points.filter((point) =>
    directories.some((directory) => point === directory || point.startsWith(`${directory}/`)),
  );
  if (below.length === 0) return;
  below.reverse();
  const { code } = await runProgram('umount', below, { env, signal: NO_STOP });
  // Somebody looks at the files: the mount goes when they are done.
  if (code !== 0) await runProgram('umount', ['--lazy', '--quiet', ...below], { env, signal: NO_STOP });
}

/** mountinfo writes blanks and the like in octal. */
export function unescapeMountPath(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_match, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}
