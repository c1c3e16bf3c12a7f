// SPDX-License-Identifier: Apache-2.0
import type { NodeEnvironment } from '../node-environment.js';
import { readTextIfThere } from '../files/sealed-json.js';
import { childrenOf, isAlive, processFacts, SUPERVISOR, toolsWorkingOn } from '../process/process-facts.js';
import { runOrThrow } from '../process/run-program.js';
import { waitUntil } from '../process/wait-until.js';
import type { WorkloadDirectory } from '../workload/workload-directory.js';
import { GritError } from '@grit/plugin-api';

/**
 * runc runs in the foreground below a shell that belongs to nobody: it outlives the agent and keeps the exit code.
 * The outer shell is ours and ends at once.
 */
const SUPERVISE = `
echo $$ >"$1/supervisor.pid"
directory=$1; shift
"$@" </dev/null >>"$directory/runc.log" 2>&1
echo $? >"$directory/exit.new"
mv "$directory/exit.new" "$directory/exit"
`;
const DETACH = 'sh -c "$0" "$@" </dev/null >/dev/null 2>&1 &';

const ORPHAN_CHECK_MS = 200;
const SETTLE_LIMIT_MS = 30_000;
const ORPHAN_LIMIT_MS = 1_000;
const NO_STOP = new AbortController().signal;

/** How a supervised runc began: its container's first process, or its end before there was one. */
export type Beginning = { readonly pid: number } | { readonly failure: string };

/** Starts runc with the arguments under a supervisor. */
export async function supervise(
  node: NodeEnvironment,
  workload: WorkloadDirectory,
  args: readonly string[],
): Promise<void> {
  const words = [SUPERVISE, SUPERVISOR, workload.path, node.config.runc, '--root', node.runcRoot, ...args];
  await runOrThrow(
    'sh',
    ['-c', DETACH, ...words],
    { env: node.env, signal: NO_STOP },
    (message) => new GritError('GRIT_RUNTIME_UNAVAILABLE', message),
  );
}

/** Waits until the container's first process runs, or runc has given up. */
export async function awaitBeginning(workload: WorkloadDirectory, signal: AbortSignal): Promise<Beginning> {
  let orphanedSince: number | undefined;
  for (;;) {
    const probe = async (): Promise<Beginning | undefined> => beginningOf(workload);
    const beginning = await waitUntil(probe, { limitMs: ORPHAN_CHECK_MS, intervalMs: 3, signal });
    if (beginning !== undefined) return beginning;
    if (!(await hasDeadChild(workload))) orphanedSince = undefined;
    else if (performance.now() - (orphanedSince ??= performance.now()) > ORPHAN_LIMIT_MS) {
      return { failure: 'criu was killed' };
    }
  }
}

/**
 * runc does not see the end of a CRIU that is killed in the middle of a restore: the processes that it was making hold
 * the socket between the two open. What can be seen is a child of runc that nobody reaps.
 */
async function hasDeadChild(workload: WorkloadDirectory): Promise<boolean> {
  const supervisor = Number((await readTextIfThere(workload.supervisorPid)) ?? NaN);
  for (const runc of await childrenOf(supervisor)) {
    for (const child of await childrenOf(runc)) {
      if ((await processFacts(child))?.state === 'Z') return true;
    }
  }
  return false;
}

/** What can be seen of it now; undefined while runc is at work. */
async function beginningOf(workload: WorkloadDirectory): Promise<Beginning | undefined> {
  const pid = await readTextIfThere(workload.pidFile);
  if (pid !== undefined) return { pid: Number(pid) };
  const exit = await readTextIfThere(workload.exitFile);
  const supervisor = await readTextIfThere(workload.supervisorPid);
  const ended = exit !== undefined || (supervisor?.endsWith('\n') === true && !(await isAlive(Number(supervisor))));
  if (!ended) return undefined;
  // It may have begun and ended between the two looks.
  const late = await readTextIfThere(workload.pidFile);
  if (late !== undefined) return { pid: Number(late) };
  const words = ((await readTextIfThere(workload.runcLog)) ?? '').trim();
  return { failure: words === '' ? `runc ended (${exit?.trim() ?? 'killed'})` : words.slice(-1_500) };
}

/** How a runc began that an agent before us had started; it may still be at work. */
export async function settledBeginning(workload: WorkloadDirectory): Promise<Beginning> {
  const probe = async (): Promise<Beginning | undefined> => {
    const beginning = await beginningOf(workload);
    if (beginning !== undefined) return beginning;
    const idle = (await toolsWorkingOn(workload.path)).length === 0;
    return idle ? ((await beginningOf(workload)) ?? { failure: 'runc was never started' }) : undefined;
  };
  const found = await waitUntil(probe, { limitMs: SETTLE_LIMIT_MS, intervalMs: 20 });
  return found ?? { failure: `runc did not come to an end within ${SETTLE_LIMIT_MS} ms` };
}

/** Waits until the supervisor has written the exit code or is gone itself. */
export async function awaitSupervisorEnd(workload: WorkloadDirectory, limitMs: number): Promise<void> {
  await waitUntil(
    async () => {
      const supervisor = await readTextIfThere(workload.supervisorPid);
      if (supervisor === undefined) return true as const;
      return (await isAlive(Number(supervisor))) ? undefined : (true as const);
    },
    { limitMs },
  );
}
