// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from 'node:fs';
import type { ApiAccess } from './api-request.js';

/** Writes a kubeconfig (JSON is YAML) that only its owner can read. */
export function writeKubeconfig(file: string, { server, authority, token }: ApiAccess, namespace = 'default'): string {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'grit', cluster: { server, 'certificate-authority': authority } }],
    users: [{ name: 'grit', user: { token } }],
    contexts: [{ name: 'grit', context: { cluster: 'grit', user: 'grit', namespace } }],
    'current-context': 'grit',
  };
  writeFileSync(file, `${JSON.stringify(config, undefined, 2)}\n`, { mode: 0o600 });
  return file;
}
