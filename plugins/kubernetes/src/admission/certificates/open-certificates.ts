// SPDX-License-Identifier: Apache-2.0
import type { AdmissionContext } from '../admission-context.js';
import type { CertificateSource } from './certificate-source.js';
import { FileCertificates } from './file-certificates.js';
import { LIMITS } from './renew.js';
import { SecretCertificates } from './secret-certificates.js';

type Context = Pick<AdmissionContext, 'client' | 'settings' | 'clock' | 'logger'>;

/** The certificates that the configuration asks for; every replica opens them. Throws KubeErrors and GRIT_CONFIG_INVALID. */
export async function openCertificates(context: Context, signal: AbortSignal): Promise<CertificateSource> {
  const { client, settings, clock, logger } = context;
  const { mode, directory, secretName: name } = settings.certificates;
  if (mode === 'provided') return FileCertificates.open({ directory: directory ?? '', logger }, signal);
  const secret = { namespace: settings.namespace, name };
  return SecretCertificates.open({ client, secret, hosts: hostsOf(settings), limits: LIMITS, clock, logger }, signal);
}

/** Names and addresses under which API servers reach the webhook. */
function hostsOf({ webhook, namespace }: AdmissionContext['settings']): string[] {
  const { name, namespace: other = namespace } = webhook.service;
  const service = `${name}.${other}.svc`;
  const hosts = [service, `${service}.cluster.local`];
  if (webhook.url === undefined) return hosts;
  // An IPv6 address stands in brackets in a URL.
  return [new URL(webhook.url).hostname.replace(/^\[(.*)\]$/, '$1'), ...hosts];
}
