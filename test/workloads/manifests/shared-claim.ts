// SPDX-License-Identifier: Apache-2.0
import type { Manifest } from './manifest.js';

const MODES = ['ReadWriteMany'];
const SIZE = { storage: '1Gi' };

/** A claim and its volume, bound to each other: a folder of the machine, which all nodes of a test cluster share. */
export function sharedClaim(name: string, hostPath: string, namespace = 'default'): Manifest[] {
  const volumeName = `${namespace}-${name}`;
  const claim: Manifest = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace },
    spec: { accessModes: MODES, storageClassName: '', volumeName, resources: { requests: SIZE } },
  };
  return [sharedVolume(volumeName, hostPath, { name, namespace }), claim];
}

/** A volume that only this claim gets, whoever makes it. */
export function sharedVolume(
  name: string,
  path: string,
  claimRef: { readonly name: string; readonly namespace: string },
): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      accessModes: MODES,
      storageClassName: '',
      capacity: SIZE,
      persistentVolumeReclaimPolicy: 'Retain',
      claimRef,
      hostPath: { path, type: 'DirectoryOrCreate' },
    },
  };
}
