// SPDX-License-Identifier: Apache-2.0
import { CLAIMS, type Claim } from '../../api/core-kinds.js';
import type { CheckpointSpec } from '../../api/checkpoint.js';
import { STORES, type ResourceType } from '../../api/kinds.js';
import type { KubeObject } from '../../api/metadata.js';
import { chooseStore } from '../../controllers/store/choose-store.js';
import type { AdmissionContext } from '../admission-context.js';
import { AdmissionRefusal } from '../server/admission-refusal.js';

type Destination = Pick<CheckpointSpec, 'volumeClaim' | 'storage'>;

interface StorageClass extends KubeObject {
  readonly volumeBindingMode?: string;
}

const STORAGE_CLASSES: ResourceType<StorageClass> = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  plural: 'storageclasses',
  namespaced: false,
};

const WRITABLE = ['ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

/** Throws an AdmissionRefusal unless there is a place for the image. Gives back warnings. `moves`: the pod is to go on elsewhere. */
export async function checkDestination(
  context: AdmissionContext,
  namespace: string,
  { volumeClaim, storage }: Destination,
  moves: boolean,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (volumeClaim === undefined) {
    await checkStore(context, namespace, storage, signal);
    return [];
  }
  if (storage !== undefined) {
    throw new AdmissionRefusal('spec.storage', 'volumeClaim is set, too; set one of the two');
  }
  return checkClaim(context, namespace, volumeClaim.claimName, moves, signal);
}

async function checkStore(
  context: AdmissionContext,
  namespace: string,
  name: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const wanted = { namespace, name };
  let choice = chooseStore(context.informers.stores.list(), wanted);
  if (choice.store?.status?.phase !== 'Ready') {
    choice = chooseStore((await context.client.list(STORES, {}, signal)).items, wanted);
  }
  if (choice.store === undefined)
    throw new AdmissionRefusal('', `spec.storage: ${choice.message.replace(/^spec\.storage: /, '')}`);
  const { metadata, status } = choice.store;
  if (status?.phase === 'Ready') return;
  throw new AdmissionRefusal(
    'spec.storage',
    `CheckpointStore ${metadata.name} is ${status?.phase ?? 'Pending'}, no node can use it yet; \`kubectl describe checkpointstore ${metadata.name}\` shows why, or name another one`,
  );
}

async function checkClaim(
  context: AdmissionContext,
  namespace: string,
  name: string,
  moves: boolean,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const field = 'spec.volumeClaim.claimName';
  const claim = await context.client.find(CLAIMS, { namespace, name }, signal);
  if (claim === undefined) {
    throw new AdmissionRefusal(
      field,
      `there is no PersistentVolumeClaim ${name} in namespace ${namespace}; create it first, or name one that \`kubectl get pvc -n ${namespace}\` lists`,
    );
  }
  if (claim.metadata.deletionTimestamp !== undefined) {
    throw new AdmissionRefusal(field, `PersistentVolumeClaim ${name} is being deleted; name another one`);
  }
  const phase = claim.status?.phase ?? 'Pending';
  if (phase !== 'Bound')
    throw new AdmissionRefusal(
      field,
      `PersistentVolumeClaim ${name} is ${phase}, not Bound; ${await whyUnbound(context, claim, signal)}`,
    );
  const modes = claim.spec?.accessModes ?? [];
  if (!modes.some((mode) => WRITABLE.includes(mode))) {
    throw new AdmissionRefusal(
      field,
      `PersistentVolumeClaim ${name} is ${modes.join(', ')}, which cannot be written; use one that is ReadWriteMany`,
    );
  }
  if (!moves || modes.includes('ReadWriteMany')) return [];
  return [
    `${field}: ${name} is ${modes.join(', ')}; the pod can go on only where it can be mounted, ReadWriteMany is right for moving to other nodes`,
  ];
}

async function whyUnbound({ client }: AdmissionContext, claim: Claim, signal: AbortSignal): Promise<string> {
  const name = claim.metadata.name;
  if (claim.status?.phase === 'Lost') return 'its volume is gone, and what was on it; use another claim';
  const className = claim.spec?.storageClassName;
  const storageClass =
    className === undefined || className === ''
      ? undefined
      : await client.find(STORAGE_CLASSES, { name: className }, signal);
  if (storageClass?.volumeBindingMode === 'WaitForFirstConsumer') {
    return `its StorageClass ${storageClass.metadata.name} waits for the first pod that uses it (WaitForFirstConsumer): run a pod that mounts it once, or use a class that binds at once (Immediate)`;
  }
  return `wait until a volume is bound to it; \`kubectl describe pvc ${name}\` shows what is missing`;
}
