// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from '../../cluster/run-program.js';

/** A Secret with a certificate for this address, which signs itself. */
export async function redisCertificate(directory: string, namespace: string, address: string): Promise<object> {
  const [key, certificate] = [join(directory, 'redis.key'), join(directory, 'redis.crt')];
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', certificate];
  const of = ['-days', '2', '-subj', '/CN=grit-redis', '-addext', `subjectAltName=IP:${address}`];
  await runProgram('openssl', ['req', '-x509', ...made, ...of]);
  const crt = await readFile(certificate, 'utf8');
  const stringData = { 'tls.crt': crt, 'tls.key': await readFile(key, 'utf8'), 'ca.crt': crt };
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'redis-tls', namespace }, stringData };
}
