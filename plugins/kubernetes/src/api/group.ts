// SPDX-License-Identifier: Apache-2.0

/** The API group, taken over from the prototype so that its manifests apply unchanged. */
export const GROUP = 'kaito.sh';
export const VERSION = 'v1alpha1';
export const API_VERSION = `${GROUP}/${VERSION}`;

/** Annotations and labels. The first five are the prototype's. */
export const KEYS = {
  /** Label of helper pods (claim pods): `grit-agent`. */
  helper: 'grit.dev/helper',
  /** Pod: path of the data on the node, once they are there. */
  checkpoint: 'grit.dev/checkpoint',
  /** Pod: name of the Restore that it has taken. */
  restoreName: 'grit.dev/restore-name',
  /** Restore: hash of the pod spec that may take it. */
  podSpecHash: 'grit.dev/pod-spec-hash',
  /** Label of a Restore: which pods may take it, so that the API server finds it for a pod. */
  waitsFor: 'grit.dev/waits-for',
  /** Restore: "true" once a pod has taken it. */
  podSelected: 'grit.dev/pod-selected',
  /** Pod: the reservation of its admission; the Restore's status has the same. */
  reservation: 'grit.dev/reservation',
  /** Pod: where its author wanted it, before the admission said where it can go on; for the next move. */
  authorPlacement: 'grit.dev/author-placement',
  /** Pod: set by the admission on a dry run, the proof that it is in force in a namespace. */
  admitted: 'grit.dev/admitted',
  /** CheckpointStore: "true" for the default. */
  defaultStore: 'grit.dev/is-default-store',
  /** Checkpoint: namespaces, separated by commas, whose Restores may use it; `*` for all. */
  allowNamespaces: 'grit.dev/allow-namespaces',
  /** Children of a Migration: its name. */
  migration: 'grit.dev/migration',
  /** Checkpoint and saved manifest: UID of the Migration that made them. They outlive it while a stopped pod needs them. */
  migrationUid: 'grit.dev/migration-uid',
  /** Restore: UID of the Checkpoint with autoMigration that made it. */
  checkpointUid: 'grit.dev/checkpoint-uid',
  /** Child of a Migration: UID of the pod that was chosen. */
  podUid: 'grit.dev/pod-uid',
  /** Pod: `again` when its postStart hook may run once more after a restore. */
  postStart: 'grit.dev/post-start',
  /** Label of a Pod: which environment its containers with GPUs are given. */
  gpuProfile: 'grit.dev/gpu-profile',
  /** Pod: what the admission has set for that, and what it has not. */
  gpuProfileApplied: 'grit.dev/gpu-profile-applied',
  /** Checkpoint: "true" when its image stays in the store when the Checkpoint is deleted. */
  retainImage: 'grit.dev/retain-image',
  /** Any of ours: a new value tries a failed object again. */
  retry: 'grit.dev/retry',
} as const;

/** Keeps an object until what it holds on a node, or in a store, is let go. */
export const FINALIZER = 'grit.dev/node-state';

/** Field managers of server-side apply. */
export const MANAGERS = { controller: 'grit-controller', agent: 'grit-agent' } as const;
