// SPDX-License-Identifier: Apache-2.0
import type { WorkloadLimits } from '@grit/plugin-api';
import { parseSize } from './parse-size.js';
import { usageError } from './usage-error.js';

/** `memory=1g`, `cpus=1.5`, `pids=100`. */
export function parseLimits(pairs: readonly string[]): WorkloadLimits | undefined {
  let limits: WorkloadLimits = {};
  for (const pair of pairs) {
    const [name = '', value = ''] = pair.split('=', 2);
    limits = { ...limits, ...parseLimit(name, value, pair) };
  }
  return pairs.length === 0 ? undefined : limits;
}

function parseLimit(name: string, value: string, pair: string): WorkloadLimits {
  switch (name) {
    case 'memory':
      return { memoryBytes: parseSize(value, '--limit memory') };
    case 'cpus':
      if (/^\d+(\.\d+)?$/.test(value) && Number(value) > 0) return { cpus: Number(value) };
      throw usageError(`--limit cpus: "${value}" is not a number of CPUs`, 'run');
    case 'pids':
      if (/^[1-9]\d*$/.test(value)) return { pids: Number(value) };
      throw usageError(`--limit pids: "${value}" is not a number of processes`, 'run');
    default:
      throw usageError(`--limit: "${pair}" is none of memory=SIZE, cpus=N, pids=N`, 'run');
  }
}
