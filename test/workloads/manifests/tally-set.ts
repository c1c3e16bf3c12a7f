// SPDX-License-Identifier: Apache-2.0
import { PYTHON_IMAGE } from '../../cluster/index.js';
import {
  metadataOf,
  podMetadata,
  podPlacement,
  pythonCommand,
  type Manifest,
  type WorkloadOptions,
} from './manifest.js';
import { sharedVolume } from './shared-claim.js';

export interface TallyOptions extends WorkloadOptions {
  /** Folder of the machine that becomes the volume of its only pod, with the file `tally` in it. */
  readonly hostPath: string;
  /** Default PYTHON_IMAGE; TORCH_IMAGE has all that is needed too. */
  readonly image?: string;
}

/**
 * A StatefulSet of one pod, NAME-0, that counts into a file of its claim, data-NAME-0 (programs/tally.py); with the
 * volume, and the Service that a StatefulSet has.
 */
export function tallySet(options: TallyOptions): Manifest[] {
  const { name, hostPath, image = PYTHON_IMAGE } = options;
  const { namespace } = metadataOf(options);
  const container = {
    name: 'tally',
    image,
    imagePullPolicy: 'Never',
    command: pythonCommand('tally.py'),
    env: [{ name: 'OUT', value: '/data/tally' }],
    volumeMounts: [{ name: 'data', mountPath: '/data' }],
  };
  const service: Manifest = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadataOf(options),
    spec: { clusterIP: 'None', selector: { app: name }, ports: [{ name: 'none', port: 80 }] },
  };
  const claim = {
    metadata: { name: 'data' },
    spec: {
      accessModes: ['ReadWriteMany'],
      storageClassName: '',
      resources: { requests: { storage: '1Gi' } },
    },
  };
  const set: Manifest = {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: metadataOf(options),
    spec: {
      serviceName: name,
      selector: { matchLabels: { app: name } },
      template: { metadata: podMetadata(options), spec: { ...podPlacement(options), containers: [container] } },
      volumeClaimTemplates: [claim],
    },
  };
  const volume = sharedVolume(`${namespace}-data-${name}-0`, hostPath, { name: `data-${name}-0`, namespace });
  return [volume, service, set];
}
