// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { buildSimGpu } from '../../fixtures/simgpu/index.js';

const run = promisify(execFile);

/** Why the simulated GPU cannot be used here, if so. */
export async function missingParts(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'only root makes device nodes';
  return await buildSimGpu().then(
    () => undefined,
    (cause: unknown) => (cause instanceof Error ? cause.message : String(cause)),
  );
}

/** Why no process can be dumped here, if so. */
export async function missingCriu(): Promise<string | undefined> {
  return await run('criu', ['check']).then(
    () => undefined,
    () => 'CRIU is not there, or does not work on this kernel',
  );
}
