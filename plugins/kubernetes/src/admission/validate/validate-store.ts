// SPDX-License-Identifier: Apache-2.0
import type { CheckpointStore } from '../../api/checkpoint-store.js';
import { KEYS } from '../../api/group.js';
import { isDefaultStore } from '../../controllers/store/choose-store.js';
import type { AdmissionContext } from '../admission-context.js';
import { AdmissionRefusal } from '../server/admission-refusal.js';
import type { AdmissionHandler } from '../server/admission-review.js';

/** Names of settings whose value is a secret; everybody who may read CheckpointStores would read it. */
const SECRET =
  /^(password|passphrase|secret|token|credentials?|connectionstring|sas(token)?|(account|access|shared|api|private|secret(access)?|encryption)key|clientsecret)$/i;
const REFERENCE = /(From|Ref|File|Path)$/;
const PLUGIN = /^(@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/;

/** Refuses CheckpointStores that no node could use, or that show a secret. What only a node can know, the agents try out. */
export function validateStore(context: AdmissionContext): AdmissionHandler {
  return async ({ operation, object }) => {
    if (operation !== 'CREATE' && operation !== 'UPDATE') return {};
    const store = object as CheckpointStore;
    if (!PLUGIN.test(store.spec.plugin)) {
      throw new AdmissionRefusal(
        'spec.plugin',
        `${JSON.stringify(store.spec.plugin)} is no id of a plugin; storage-pvc and storage-blob come with GRIT`,
      );
    }
    refuseSecrets('spec.config', store.spec.config ?? {});
    if (store.spec.namespaces?.length === 0) {
      throw new AdmissionRefusal(
        'spec.namespaces',
        'is empty, so no namespace could use the store; leave it out for all, or name some',
      );
    }
    return { warnings: otherDefaults(context, store) };
  };
}

function refuseSecrets(path: string, value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, field] of Object.entries(value)) {
    const at = Array.isArray(value) ? `${path}[${name}]` : `${path}.${name}`;
    if (typeof field === 'string' && SECRET.test(name) && !REFERENCE.test(name)) {
      throw new AdmissionRefusal(
        at,
        `is a secret that everybody who reads the store would see; refer to it instead, as ${name}From: { file: /path/in/the/agent }`,
      );
    }
    refuseSecrets(at, field);
  }
}

function otherDefaults({ informers }: AdmissionContext, store: CheckpointStore): string[] {
  if (!isDefaultStore(store)) return [];
  const others = informers.stores
    .list()
    .filter((other) => other.metadata.name !== store.metadata.name && isDefaultStore(other));
  if (others.length === 0) return [];
  const names = others.map(({ metadata }) => metadata.name).join(', ');
  return [
    `${names} is the default, too; Checkpoints without storage wait until only one has ${KEYS.defaultStore}=true`,
  ];
}
