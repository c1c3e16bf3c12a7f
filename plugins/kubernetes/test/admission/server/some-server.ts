// SPDX-License-Identifier: Apache-2.0
import { Agent, request as httpsRequest } from 'node:https';
import type { Logger } from '@grit/plugin-api';
import { LIMITS, renew } from '../../../src/admission/certificates/renew.js';
import type { OwnCertificateSet } from '../../../src/admission/certificates/certificate-set.js';

export const quiet: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => quiet,
};

/** A certificate for 127.0.0.1. */
export async function certificate(): Promise<OwnCertificateSet> {
  return (await renew(undefined, { hosts: ['127.0.0.1'], now: new Date(), limits: LIMITS }))!;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** A caller that keeps its connection open, as API servers do. */
export function caller(port: number, ca: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca });
  const ask = (method: 'GET' | 'POST', path: string, body?: unknown): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
      const headers =
        text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
      const sent = httpsRequest({ host: '127.0.0.1', port, path, method, headers, agent }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(text);
    });
  return { ask, close: () => agent.destroy() };
}

/** A review of the creation of an object. */
export function review(object: object = { metadata: { name: 'a' } }, changes: object = {}): object {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'u-1',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      operation: 'CREATE',
      namespace: 'default',
      userInfo: { username: 'somebody' },
      object,
      oldObject: null,
      dryRun: false,
      ...changes,
    },
  };
}
