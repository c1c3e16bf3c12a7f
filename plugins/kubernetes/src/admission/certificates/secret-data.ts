// SPDX-License-Identifier: Apache-2.0
import type { Secret } from '../../api/core-kinds.js';
import type { OwnCertificateSet } from './certificate-set.js';

const TYPE = 'kubernetes.io/tls';

/** The set as a Secret of type kubernetes.io/tls, with the authorities and the key of the newest besides. */
export function secretOf(ref: { readonly namespace: string; readonly name: string }, set: OwnCertificateSet): Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace: ref.namespace, name: ref.name, labels: { 'app.kubernetes.io/part-of': 'grit' } },
    type: TYPE,
    data: {
      'tls.crt': encode(set.cert),
      'tls.key': encode(set.key),
      'ca.crt': encode(set.ca),
      'ca.key': encode(set.caKey),
    },
  };
}

/** The set of a Secret; undefined when something is missing. What is there may still be damaged. */
export function setOf({ data = {} }: Secret): OwnCertificateSet | undefined {
  const [cert, key, ca, caKey] = ['tls.crt', 'tls.key', 'ca.crt', 'ca.key'].map((name) => data[name]);
  if (cert === undefined || key === undefined || ca === undefined || caKey === undefined) return undefined;
  return { cert: decode(cert), key: decode(key), ca: decode(ca), caKey: decode(caKey) };
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64');
}

function decode(text: string): string {
  return Buffer.from(text, 'base64').toString();
}
