// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Version 1 says "no limit" with a number near the largest. */
const NO_LIMIT = 2 ** 60;

/** The memory limits above a process, that of its own control group first, in bytes. */
export function memoryLimitsOf(pid: number): readonly number[] {
  const table = readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  const v1 = /^\d+:(?:.*,)?memory(?:,.*)?:(.*)$/m.exec(table)?.[1];
  const path = v1 ?? /^0::(.*)$/m.exec(table)?.[1] ?? '/';
  const [root, file] =
    v1 === undefined ? ['/sys/fs/cgroup', 'memory.max'] : ['/sys/fs/cgroup/memory', 'memory.limit_in_bytes'];
  const limits: number[] = [];
  for (let group = path; group !== '/'; group = dirname(group)) {
    const place = join(root, group, file);
    const limit = existsSync(place) ? Number(readFileSync(place, 'utf8')) : NaN;
    if (limit < NO_LIMIT) limits.push(limit);
  }
  return limits;
}
