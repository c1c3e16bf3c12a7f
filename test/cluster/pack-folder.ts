// SPDX-License-Identifier: Apache-2.0
import { runProgram } from './run-program.js';

/** Packs a folder as a tar: the same files give the same bytes. */
export async function packFolder(folder: string, archive: string, signal?: AbortSignal): Promise<void> {
  const fixed = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'];
  const args = [...fixed, '-C', folder, '-cf', archive, '.'];
  await runProgram('tar', args, signal === undefined ? {} : { signal });
}
