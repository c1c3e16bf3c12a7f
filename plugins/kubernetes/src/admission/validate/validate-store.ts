// SPDX-License-Identifier: Apache-2.0
import type { CheckpointStore, CheckpointStoreSpec } from '../../api/checkpoint-store.js';
import { KEYS } from '../../api/group.js';
import { isReference, isSecretKey, NAME_OF_KEY, NAME_OF_SECRET } from '../../api/secret-key.js';
import { isDefaultStore } from '../../controllers/store/choose-store.js';
import type { AdmissionContext } from '../admission-context.js';
import { AdmissionRefusal } from '../server/admission-refusal.js';
import type { AdmissionHandler } from '../server/admission-review.js';

/** Names of settings whose value is a secret; everybody who may read CheckpointStores would read it. */
const SECRET =
  /^(password|passphrase|secret|token|credentials?|connectionstring|sas(token)?|(account|access|shared|api|private|secret(access)?|encryption)key|clientsecret)$/i;
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
    refuseKeys(store.spec);
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
    if (typeof field === 'string' && SECRET.test(name)) {
      throw new AdmissionRefusal(
        at,
        `is a secret that everybody who reads the store would see; refer to it instead, as ${name}From: { secret: { name: SECRET, key: KEY } }`,
      );
    }
    if (isReference(name, field)) {
      refuseReference(at, field);
      continue;
    }
    refuseSecrets(at, field);
  }
}

function refuseReference(at: string, field: unknown): void {
  if (isSecretKey(field) && NAME_OF_SECRET.test(field.secret.name) && NAME_OF_KEY.test(field.secret.key)) return;
  throw new AdmissionRefusal(at, 'refers to nothing; expected { secret: { name: SECRET, key: KEY } }');
}

function refuseKeys({ encryption }: CheckpointStoreSpec): void {
  if (encryption === undefined) return;
  encryption.keys.forEach(({ keyFrom }, index) => refuseReference(`spec.encryption.keys[${index}].keyFrom`, keyFrom));
  const ids = encryption.keys.map(({ id }) => id);
  if (ids.includes(encryption.current)) return;
  throw new AdmissionRefusal('spec.encryption.current', `${encryption.current} is none of the keys: ${ids.join(', ')}`);
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
