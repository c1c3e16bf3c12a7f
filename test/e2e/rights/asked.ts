// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';

/** What an account asked of the API server: `patch checkpoints/status.kaito.sh`. */
export interface Asked {
  /** Name of the ServiceAccount in grit-system. */
  readonly account: string;
  readonly what: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly allowed: boolean;
}

interface AuditEvent {
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly objectRef?: {
    readonly apiGroup?: string;
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code?: number };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** All that was asked of resources so far, as the audit log of the API server has it. */
export async function readAsked(auditLog: string): Promise<readonly Asked[]> {
  const lines = (await readFile(auditLog, 'utf8')).split('\n');
  // The last line may be one that is being written.
  return lines.slice(0, -1).flatMap((line) => askedIn(JSON.parse(line) as AuditEvent));
}

function askedIn({ verb, user, objectRef, responseStatus, annotations }: AuditEvent): Asked[] {
  if (objectRef?.resource === undefined) return [];
  const { resource, subresource, apiGroup, namespace, name } = objectRef;
  const account = user.username.slice(user.username.lastIndexOf(':') + 1);
  const allowed = annotations?.['authorization.k8s.io/decision'] === 'allow';
  const of = (used: string): Asked => ({
    account,
    what: nameOf(used, subresource === undefined ? resource : `${resource}/${subresource}`, apiGroup),
    namespace,
    name,
    allowed,
  });
  // Server-side apply of what is not there takes the right to create it, too.
  return verb === 'patch' && responseStatus?.code === 201 ? [of('patch'), of('create')] : [of(verb)];
}

/** `get pods`, `patch checkpoints/status.kaito.sh`. */
export function nameOf(verb: string, resource: string, group = ''): string {
  return `${verb} ${resource}${group === '' ? '' : `.${group}`}`;
}
