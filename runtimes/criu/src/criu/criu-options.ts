// SPDX-License-Identifier: Apache-2.0
import { writeFile } from 'node:fs/promises';
import type { TcpPolicy } from '@grit/plugin-api';
import type { NodeEnvironment } from '../node-environment.js';
import type { WorkloadDirectory } from '../workload/workload-directory.js';

/** CRIU reads these from a file; most of them cannot be given to runc. */
export async function writeCriuOptions(
  node: NodeEnvironment,
  /** Path of the file. */
  workload: Pick<WorkloadDirectory, 'criuConfig'>,
  action: 'dump' | 'restore',
  tcp: TcpPolicy,
  actionScript?: string,
): Promise<void> {
  const lines = [
    `libdir ${node.emptyDirectory}`,
    `timeout ${node.config.dumpTimeoutSeconds}`,
    `ghost-limit ${node.config.ghostLimitMiB}M`,
    'link-remap',
    'file-locks',
    'ext-unix-sk',
    ...(action === 'dump' ? ['skip-in-flight'] : []),
    // Without either CRIU itself refuses a connection that came after preflight.
    ...(tcp === 'keep' ? ['tcp-established'] : tcp === 'close' ? ['tcp-close'] : []),
    ...(actionScript === undefined ? [] : [`action-script ${actionScript}`]),
  ];
  await writeFile(workload.criuConfig, `${lines.join('\n')}\n`, { mode: 0o600 });
}
