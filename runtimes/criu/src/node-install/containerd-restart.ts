// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import { runOrThrow } from '../process/run-program.js';
import { waitUntil } from '../process/wait-until.js';
import { findContainerd, type ContainerdProcess } from './containerd-process.js';

const BACK_WITHIN_MS = 90_000;
const LOOK_EVERY_MS = 200;

/**
 * Restarts containerd so that it reads its configuration anew; containers go on. By systemd where that started it, else it is asked to end
 * and whoever started it is expected to start it again. Returns when another one listens.
 * Throws GRIT_RUNTIME_UNAVAILABLE when none does.
 */
export async function restartContainerd(
  containerd: ContainerdProcess,
  socket: string,
  near: number,
  signal: AbortSignal,
): Promise<void> {
  const failed = (message: string): GritError =>
    new GritError('GRIT_RUNTIME_UNAVAILABLE', `containerd was not restarted: ${message}`, {
      hint: 'See its log on the node; the next start of this pod tries again.',
    });
  if (containerd.unit !== undefined) {
    await runOrThrow('systemctl', ['restart', containerd.unit], { env: process.env, signal }, failed);
  } else {
    process.kill(containerd.pid, 'SIGTERM');
  }
  const isBack = async (): Promise<true | undefined> => {
    const now = await findContainerd(socket, near);
    return now !== undefined && now.pid !== containerd.pid ? true : undefined;
  };
  const limits = { limitMs: BACK_WITHIN_MS, intervalMs: LOOK_EVERY_MS, signal };
  if (await waitUntil(isBack, limits)) return;
  throw failed(`no other process listens on ${socket} after ${BACK_WITHIN_MS / 1_000} s`);
}
