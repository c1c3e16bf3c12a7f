// SPDX-License-Identifier: Apache-2.0
import type { PreflightFinding } from '@grit/plugin-api';
import type { NodeEnvironment } from '../node-environment.js';
import { runProgram } from '../process/run-program.js';
import type { PodToDump } from './pod-to-dump.js';

/** What is wrong with that which the containers of a pod share. */
export async function namespaceFindings(
  node: NodeEnvironment,
  { containers, besides }: PodToDump,
  signal: AbortSignal,
): Promise<readonly PreflightFinding[]> {
  const findings = containers.flatMap(({ container: { name, pid, spec } }): readonly PreflightFinding[] => {
    const own = (spec.linux?.namespaces ?? []).find(({ type }) => type === 'pid');
    if (own !== undefined && own.path === undefined) return [];
    return [
      {
        severity: 'blocker',
        reason: 'shared-processes',
        message: `container ${name}: it does not have the numbers of its processes for itself`,
        hint: 'Run the pod without hostPID and shareProcessNamespace.',
        pid,
      },
    ];
  });
  const [first] = containers;
  if (first === undefined || containers.length + besides.length < 2) return findings;
  const { pid } = first.container;
  const files = ['shm', 'sem', 'msg'].map((kind) => `/proc/sysvipc/${kind}`);
  const options = { env: node.env, signal };
  const { code, output } = await runProgram('nsenter', [`--target=${pid}`, '--ipc', '--', 'cat', ...files], options);
  // A line of titles for each.
  if (code === 0 && output.trim().split('\n').length > files.length) {
    findings.push({
      severity: 'blocker',
      reason: 'shared-ipc',
      message:
        'the containers of the pod share System V memory, semaphores or queues, which only one container can be given back',
      hint: 'Use POSIX shared memory (/dev/shm), or a pod of one container.',
      pid,
    });
  }
  return findings;
}
