// SPDX-License-Identifier: Apache-2.0
import type { PreflightFinding } from '@grit/plugin-api';
import { mappedPathsOf } from '../process/open-files.js';

/** Below /dev, but plain memory. */
const MEMORY = ['/dev/shm/', '/dev/zero'];

/**
 * What is wrong with the memory of a process: mapped devices and rings. The descriptor may be closed already.
 * @param carried - devices that somebody else looks after, by path
 */
export async function mappingFindings(
  pid: number,
  carried: (path: string) => boolean,
): Promise<readonly PreflightFinding[]> {
  const findings: PreflightFinding[] = [];
  for (const path of await mappedPathsOf(pid)) {
    const device = path.startsWith('/dev/') && !MEMORY.some((memory) => path.startsWith(memory)) && !carried(path);
    if (!device && !path.startsWith('anon_inode:[io_uring]')) continue;
    findings.push({
      severity: 'blocker',
      reason: device ? 'device' : 'io-uring',
      message: device ? `the device ${path} is mapped` : 'an io_uring is mapped, which CRIU cannot dump',
      hint: 'Let the program unmap it before a checkpoint, or run it without.',
      pid,
    });
  }
  return findings;
}
