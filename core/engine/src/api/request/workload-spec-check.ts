// SPDX-License-Identifier: Apache-2.0
import type { WorkloadDevice, WorkloadLimits, WorkloadMount, WorkloadSpec } from '@grit/plugin-api';
import { isBoolean, isList, isName, isNumber, isPath, isTable, isText, isVariable, isWhole } from './checks.js';
import type { Check } from './checks.js';
import { isObject } from './object-check.js';

const KIB = 1024;
const MIB = KIB * KIB;
const PIB = MIB * MIB * KIB;
/** The kernel's own limit. */
const MOST_PIDS = 4_194_304;

const limits = isObject<WorkloadLimits>({
  memoryBytes: ['optional', isWhole(MIB, PIB)],
  cpus: ['optional', isNumber(0.01, 4096)],
  pids: ['optional', isWhole(1, MOST_PIDS)],
});

const mount = isObject<WorkloadMount>({
  source: ['needed', isPath],
  destination: ['needed', isPath],
  readOnly: ['optional', isBoolean],
});

/** A list of what is put into the container, each at a place of its own. */
const placed =
  <T extends { readonly destination: string }>(item: Check<T>): Check<readonly T[]> =>
  (value, field, problems) => {
    const list = isList(0, 64, item)(value, field, problems);
    const seen = new Set<string>();
    list.forEach(({ destination }, index) => {
      if (seen.has(destination)) problems.push(`${field}[${index}].destination: ${destination} is there twice`);
      seen.add(destination);
    });
    return list;
  };

const mounts: Check<readonly WorkloadMount[]> = (value, field, problems) => {
  const list = placed(mount)(value, field, problems);
  list.forEach(({ destination }, index) => {
    if (destination === '/') problems.push(`${field}[${index}].destination: the root cannot be mounted over`);
  });
  return list;
};

const isDevicePath: Check<string> = (value, field, problems) => {
  const before = problems.length;
  const path = isPath(value, field, problems);
  if (problems.length === before && !path.startsWith('/dev/')) problems.push(`${field}: ${path} is not below /dev`);
  return path;
};

const device = isObject<WorkloadDevice>({
  source: ['needed', isPath],
  destination: ['needed', isDevicePath],
});

const command: Check<readonly string[]> = (value, field, problems) => {
  const list = isList(1, 1024, isText(0, 32 * KIB))(value, field, problems);
  if (list[0] === '') problems.push(`${field}[0]: is empty`);
  return list;
};

/** What `run` may start. */
export const isWorkloadSpec: Check<WorkloadSpec> = isObject<WorkloadSpec>({
  name: ['needed', isName],
  command: ['needed', command],
  env: ['optional', isTable(512, isVariable, isText(0, 32 * KIB))],
  workingDirectory: ['optional', isPath],
  mounts: ['optional', mounts],
  devices: ['optional', placed(device)],
  limits: ['optional', limits],
});
