// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Only the accounts of GRIT, and of each request only who asked what of which object. */
const POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata', userGroups: ['system:serviceaccounts:grit-system'] }, { level: 'None' }],
};

export function findAuditLog(directory: string): string {
  return join(directory, 'audit.log');
}

/** Writes the policy and returns its path. */
export function writeAuditPolicy(directory: string): string {
  const file = join(directory, 'audit-policy.json');
  writeFileSync(file, JSON.stringify(POLICY));
  return file;
}

/** Each request is written down before it is answered. */
export function auditFlags(directory: string, policy: string): string[] {
  return [
    `--audit-policy-file=${policy}`,
    `--audit-log-path=${findAuditLog(directory)}`,
    '--audit-log-format=json',
    '--audit-log-mode=blocking',
  ];
}
