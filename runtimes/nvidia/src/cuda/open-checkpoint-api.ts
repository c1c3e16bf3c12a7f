// SPDX-License-Identifier: Apache-2.0
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { GritError, isGritError } from '@grit/plugin-api';
import { DEFAULT_LIMITS, type CallLimits } from './call-limits.js';
import type { CheckpointApi } from './checkpoint-api.js';
import { ChosenApi } from './chosen-api.js';
import type { DriverProxies } from './driver-proxies.js';
import { LibraryApi } from './library-api.js';
import { ProgramApi } from './program-api.js';
import { refuseThread } from './refuse-thread.js';

/** How the checkpoint calls are to be made. */
export interface CheckpointApiOptions {
  readonly proxies: DriverProxies;
  /** The program to be used instead of the library: a path, or a name in PATH. */
  readonly cudaCheckpoint?: string | undefined;
  /** Default: {@link DEFAULT_LIMITS}. */
  readonly limits?: Partial<CallLimits> | undefined;
  /** For the program. Default: that of this process. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Throws for a pid that no call may be made for. Default: {@link refuseThread}. */
  readonly checkPid?: ((pid: number) => Promise<void>) | undefined;
}

/**
 * The checkpoint calls of this node's driver: through libcuda, or through cuda-checkpoint where that is wanted or libcuda cannot be loaded.
 * Nothing is done before the first call. Closing it ends the proxies.
 */
export function openCheckpointApi({
  proxies,
  cudaCheckpoint,
  limits: given = {},
  env = process.env,
  checkPid = refuseThread,
}: CheckpointApiOptions): CheckpointApi {
  const limits = { ...DEFAULT_LIMITS, ...given };
  const choose = async (signal: AbortSignal): Promise<CheckpointApi> => {
    if (cudaCheckpoint !== undefined) return new ProgramApi(cudaCheckpoint, limits, env);
    try {
      await proxies.ask({ call: 'apiVersion' }, limits.askMs, signal);
      return new LibraryApi(proxies, limits);
    } catch (error) {
      if (!isGritError(error) || error.code !== 'GRIT_DEVICE_UNAVAILABLE') throw error;
      const program = await programIn(env);
      if (program !== undefined && error.details?.['notLoaded'] === true) return new ProgramApi(program, limits, env);
      throw new GritError('GRIT_DEVICE_UNAVAILABLE', error.message, {
        hint: error.hint,
        cause: error,
        details: { library: error.message, program: program ?? 'cuda-checkpoint is not in PATH' },
      });
    }
  };
  return new ChosenApi(choose, checkPid, async () => proxies.close());
}

async function programIn({ PATH = '' }: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const directory of PATH.split(delimiter).filter((name) => name !== '')) {
    const path = join(directory, 'cuda-checkpoint');
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return undefined;
}
