// SPDX-License-Identifier: Apache-2.0
import type { ErrorKind } from './outcome.js';

/** One entry of the catalogue. */
export interface ErrorEntry {
  readonly kind: ErrorKind;
  /** What happened, for the reference. */
  readonly summary: string;
  /** What the user can do, if the place that throws knows nothing better. */
  readonly hint: string;
}

/**
 * Every error that GRIT raises. Codes are never renamed or used anew; docs/reference/errors.md is generated from here.
 */
export const ERRORS = {
  // Configuration and plugins
  GRIT_CONFIG_INVALID: {
    kind: 'invalid',
    summary: 'grit.yaml has a value that cannot be used.',
    hint: 'Correct the line named; `grit config check` tests the file without starting anything.',
  },
  GRIT_CONFIG_NOT_FOUND: {
    kind: 'invalid',
    summary: 'The configuration file does not exist or cannot be read.',
    hint: 'Give the path with --config or $GRIT_CONFIG, or leave both out for the defaults.',
  },
  GRIT_SECRET_UNREADABLE: {
    kind: 'invalid',
    summary: 'A secret that the configuration refers to cannot be read.',
    hint: 'Check that the file or environment variable exists and that this user may read it.',
  },
  GRIT_PLUGIN_NOT_FOUND: {
    kind: 'invalid',
    summary: 'A plugin named in the configuration is not installed.',
    hint: 'Install the package beside grit.yaml (npm install NAME) or give a path that starts with ./ or /.',
  },
  GRIT_PLUGIN_MANIFEST_INVALID: {
    kind: 'invalid',
    summary: "The `grit` entry of a plugin's package.json is missing or wrong.",
    hint: "The plugin's author must correct the manifest; the fields are in the plugin guide.",
  },
  GRIT_PLUGIN_API_MISMATCH: {
    kind: 'invalid',
    summary: 'A plugin was written for another version of its contract or of GRIT.',
    hint: 'Install a version of the plugin that fits this GRIT, or another GRIT.',
  },
  GRIT_PLUGIN_CONFLICT: {
    kind: 'invalid',
    summary: 'Two plugins provide the same thing.',
    hint: 'Remove one of the two from grit.yaml.',
  },
  GRIT_PLUGIN_DEPENDENCY_MISSING: {
    kind: 'invalid',
    summary: 'A plugin requires a service that nothing provides, or plugins require each other in a circle.',
    hint: 'Add a plugin that provides it to grit.yaml.',
  },
  GRIT_PLUGIN_BOOT_FAILED: {
    kind: 'failed',
    summary: 'A plugin threw an error while it was started.',
    hint: 'Read the cause; set onBootFailure: continue to start without a plugin that is not vital.',
  },
  // Requests
  GRIT_REQUEST_INVALID: {
    kind: 'invalid',
    summary: 'A request or queue job does not follow the published schema.',
    hint: 'Compare it with operation-job.schema.json; the field is named in the message.',
  },
  GRIT_REQUEST_VERSION: {
    kind: 'invalid',
    summary: 'A request names a version of the API that this server does not know.',
    hint: 'Use apiVersion grit.dev/v1.',
  },
  GRIT_REQUEST_TOO_LARGE: {
    kind: 'invalid',
    summary: 'A request or queue job is larger than 64 KiB.',
    hint: 'Put data into files and name them; a request only says what to do.',
  },
  GRIT_IDEMPOTENCY_CONFLICT: {
    kind: 'conflict',
    summary: 'The idempotency key was used before for a different request.',
    hint: 'Use a new key for a new request.',
  },
  GRIT_USAGE: {
    kind: 'invalid',
    summary: 'A command was given wrongly.',
    hint: 'grit help COMMAND shows how to use it.',
  },
  // Workloads
  GRIT_WORKLOAD_NOT_FOUND: {
    kind: 'not-found',
    summary: 'No workload has this name.',
    hint: '`grit get workloads` lists them.',
  },
  GRIT_WORKLOAD_NAME_TAKEN: {
    kind: 'conflict',
    summary: 'A workload of this name exists already.',
    hint: 'Choose another name, or `grit delete workload NAME` first.',
  },
  GRIT_WORKLOAD_NOT_RUNNING: {
    kind: 'refused',
    summary: 'The workload is not running, so there is nothing to checkpoint.',
    hint: '`grit describe workload NAME` shows when and how it ended.',
  },
  GRIT_WORKLOAD_RUNNING: {
    kind: 'conflict',
    summary: 'A copy of the workload is running or held; a second one is never started.',
    hint: 'Stop it first (`grit stop NAME`), or restore under its own name after it ended.',
  },
  GRIT_WORKLOAD_HELD: {
    kind: 'conflict',
    summary: 'The workload is held frozen by an operation.',
    hint: 'Wait for the operation, or `grit release NAME --resume|--stop`.',
  },
  GRIT_WORKLOAD_NOT_HELD: {
    kind: 'conflict',
    summary: 'The workload is not held, so there is nothing to release.',
    hint: '`grit get workloads` shows the state.',
  },
  GRIT_WORKLOAD_BUSY: {
    kind: 'conflict',
    summary: 'Another operation works on this workload.',
    hint: 'Wait for it (`grit get operations`) or cancel it.',
  },
  GRIT_WORKLOAD_UNCHECKPOINTABLE: {
    kind: 'refused',
    summary: 'The workload uses something that cannot be checkpointed. Nothing was frozen.',
    hint: 'The findings name pid and descriptor, and what to change.',
  },
  GRIT_WORKLOAD_START_FAILED: {
    kind: 'failed',
    summary: 'The workload could not be started.',
    hint: 'The log of the workload and the cause tell why.',
  },
  // Dump, hold, restore
  GRIT_DUMP_FAILED: {
    kind: 'failed',
    summary: 'The dump failed; the workload was resumed.',
    hint: 'The cause has the last lines of the dump log.',
  },
  GRIT_HOLD_NOT_FOUND: {
    kind: 'not-found',
    summary: 'There is no hold with this id.',
    hint: 'It was released already, or the node lost it; `grit get workloads` shows the state.',
  },
  GRIT_RESTORE_FAILED: {
    kind: 'failed',
    summary: 'The restore failed; nothing of it is left running.',
    hint: 'The cause has the last lines of the restore log. The checkpoint is unharmed: try again or on another node.',
  },
  GRIT_RESTORE_INCOMPATIBLE: {
    kind: 'refused',
    summary: 'The checkpoint cannot be restored on this node.',
    hint: 'Choose a node with the same architecture, runtime and kernel features.',
  },
  GRIT_RUNTIME_UNAVAILABLE: {
    kind: 'unsupported',
    summary: 'The runtime that a driver needs is missing or too old.',
    hint: '`grit doctor` shows what is missing.',
  },

  // Devices
  GRIT_DEVICE_UNAVAILABLE: {
    kind: 'unsupported',
    summary: 'The driver of a device is missing, too old, or does not answer.',
    hint: '`grit doctor` shows what the node has and what it lacks.',
  },
  GRIT_DEVICE_BUSY: {
    kind: 'unavailable',
    summary: 'A device has work that did not end in time, or not enough free memory. Nothing was changed.',
    hint: 'Try again; a longer lock timeout helps where single kernels take long.',
  },
  GRIT_DEVICE_FAILED: {
    kind: 'failed',
    summary: 'The driver of a device refused an action; everything was taken back and the workload goes on.',
    hint: 'The message has the answer of the driver; its own log is the kernel log of the node.',
  },
  GRIT_DEVICE_LOST: {
    kind: 'failed',
    summary: 'A process has lost the state of its device and cannot go on.',
    hint: 'Restore the workload from its last checkpoint.',
  },
  // Images and storage
  GRIT_CHECKPOINT_NOT_FOUND: {
    kind: 'not-found',
    summary: 'No checkpoint has this id.',
    hint: '`grit get checkpoints` lists them.',
  },
  GRIT_CHECKPOINT_NOT_READY: {
    kind: 'refused',
    summary: 'The checkpoint was never completed and verified.',
    hint: 'Restore an older checkpoint; `grit get checkpoints` shows which are Ready.',
  },
  GRIT_CHECKPOINT_PINNED: {
    kind: 'conflict',
    summary: 'The checkpoint is pinned and must not be deleted.',
    hint: 'Remove the pin first.',
  },
  GRIT_IMAGE_MANIFEST_MISSING: {
    kind: 'damaged',
    summary: 'The image has no manifest: it was never committed, or it was removed.',
    hint: 'The checkpoint cannot be used. Restore another one.',
  },
  GRIT_IMAGE_MANIFEST_INVALID: {
    kind: 'damaged',
    summary: 'The manifest of the image is damaged or of an unknown version.',
    hint: 'The checkpoint cannot be used by this version. Restore another one.',
  },
  GRIT_IMAGE_PART_MISSING: {
    kind: 'damaged',
    summary: 'A part of the image is missing in the store.',
    hint: 'The checkpoint cannot be used. Restore another one and check the store.',
  },
  GRIT_IMAGE_PART_TRUNCATED: {
    kind: 'damaged',
    summary: 'A part of the image is shorter or longer than it was.',
    hint: 'The checkpoint cannot be used. Restore another one and check the store.',
  },
  GRIT_IMAGE_PART_CORRUPT: {
    kind: 'damaged',
    summary: 'A part of the image does not have the bytes that were stored.',
    hint: 'The checkpoint cannot be used. Restore another one and check the store.',
  },
  GRIT_IMAGE_BASE_GONE: {
    kind: 'unavailable',
    summary:
      'An image whose chunks were to be used again went away before the new one was committed; nothing was committed.',
    hint: 'Nothing to do: the checkpoint is taken again without it.',
  },
  GRIT_STORAGE_FULL: {
    kind: 'exhausted',
    summary: 'The store has no room left; nothing was committed.',
    hint: 'Make room (`grit delete checkpoint ID`) or configure a larger store.',
  },
  GRIT_STORAGE_READ_ONLY: {
    kind: 'failed',
    summary: 'The store cannot be written.',
    hint: 'Check mount options and permissions of the store.',
  },
  GRIT_STORAGE_UNAVAILABLE: {
    kind: 'unavailable',
    summary: 'The store does not answer or has vanished.',
    hint: 'Check that it is mounted or reachable; the operation can be tried again.',
  },
  GRIT_STORAGE_IO: {
    kind: 'failed',
    summary: 'Reading or writing the store failed.',
    hint: 'Check the disk or service below the store.',
  },
  GRIT_STORAGE_UNKNOWN: {
    kind: 'invalid',
    summary: 'The request names a storage that the configuration does not have.',
    hint: '`grit plugin list` shows the storages.',
  },
  GRIT_STORAGE_DENIED: {
    kind: 'failed',
    summary: 'The store refuses the credentials, or they do not allow what is needed.',
    hint: 'Check identity, keys and policies of the store; the message says what was refused.',
  },
  GRIT_STORAGE_MISSING: {
    kind: 'failed',
    summary: 'The bucket or container of the store does not exist.',
    hint: 'Make it, or correct its name, region and endpoint in the configuration.',
  },
  GRIT_STORAGE_UNSUITABLE: {
    kind: 'failed',
    summary: 'The service lacks something that a store of checkpoints needs.',
    hint: 'The message says what; use another service, or a newer version of it.',
  },
  GRIT_NODE_STORAGE_FULL: {
    kind: 'exhausted',
    summary: 'The node has no room for the image.',
    hint: 'Make room in the state directory of the node.',
  },
  GRIT_KEY_UNKNOWN: {
    kind: 'failed',
    summary: 'The image is encrypted with a key that is not configured here.',
    hint: 'Add the key that the message names to the keys of the store.',
  },
  GRIT_KEY_WRONG: {
    kind: 'failed',
    summary: 'The key of this name is not the one that the image was encrypted with.',
    hint: 'Nothing is damaged: configure the right key under the name that the message says.',
  },
  GRIT_KEY_UNAVAILABLE: {
    kind: 'unavailable',
    summary: 'The keys of the store cannot be had at the moment.',
    hint: 'Check the file, Secret or service that has them; the operation can be tried again.',
  },
  // Operations, queue, nodes
  GRIT_OPERATION_NOT_FOUND: {
    kind: 'not-found',
    summary: 'No operation has this id.',
    hint: '`grit get operations` lists them.',
  },
  GRIT_OPERATION_CANCELLED: {
    kind: 'cancelled',
    summary: 'The operation was cancelled; what it had done was taken back.',
    hint: 'Submit it again when it is wanted.',
  },
  GRIT_STEP_FENCED: {
    kind: 'fenced',
    summary: 'A step was taken over by a later attempt; this one must stop.',
    hint: 'Nothing to do: the later attempt goes on.',
  },
  GRIT_NODE_NOT_FOUND: {
    kind: 'not-found',
    summary: 'No node has this name.',
    hint: '`grit get nodes` lists them; `grit agent --node NAME` adds one.',
  },
  GRIT_NODE_GONE: {
    kind: 'unavailable',
    summary: "The node's agent does not answer.",
    hint: 'Start it again; `grit get nodes` shows when it was last seen.',
  },
  GRIT_QUEUE_UNAVAILABLE: {
    kind: 'unavailable',
    summary: 'The queue (Redis) does not answer.',
    hint: 'With redis: embedded it comes back by itself; else check the URL and the service.',
  },
  GRIT_QUEUE_BINARY_MISSING: {
    kind: 'unsupported',
    summary: 'Neither redis-server nor valkey-server is installed.',
    hint: 'apt-get install redis-server, or set queue.redis.url to a running one, or put a binary on PATH.',
  },
  GRIT_JOB_NOT_FOUND: {
    kind: 'not-found',
    summary: 'The queue has no job with this id.',
    hint: 'Finished jobs are removed after a while; ask for the operation instead.',
  },
  GRIT_SERVER_UNAVAILABLE: {
    kind: 'unavailable',
    summary: 'The server does not answer.',
    hint: '`grit server` starts it; its log is in the state directory.',
  },
  GRIT_SERVER_RUNNING: {
    kind: 'conflict',
    summary: 'Another server has this state directory.',
    hint: 'Use the running server, end it with `grit stop`, or give this one another --state-dir.',
  },
  GRIT_CATALOG_FAILED: {
    kind: 'failed',
    summary: 'The catalog cannot be read or written.',
    hint: 'Check room and permissions of the state directory.',
  },
  GRIT_CATALOG_CONFLICT: {
    kind: 'fenced',
    summary: 'A record of the catalog was changed by somebody else.',
    hint: 'Read it again and decide anew.',
  },

  // Kubernetes
  GRIT_KUBE_CONFIG_INVALID: {
    kind: 'invalid',
    summary: 'How to reach the API server of Kubernetes is not known: no usable kubeconfig.',
    hint: 'Set kubeconfig in the configuration of the plugin or $KUBECONFIG, or run in a pod with a ServiceAccount.',
  },
  GRIT_KUBE_UNREACHABLE: {
    kind: 'unavailable',
    summary: 'The API server of Kubernetes does not answer.',
    hint: 'Check the address in the kubeconfig and the way to it: `kubectl version` with the same kubeconfig.',
  },
  GRIT_KUBE_NOT_ALLOWED: {
    kind: 'unauthorized',
    summary: 'The API server of Kubernetes refuses what GRIT needs.',
    hint: 'kubectl apply -f deploy/kubernetes/rbac, and use the ServiceAccount that is made there.',
  },
  GRIT_KUBE_CRDS_MISSING: {
    kind: 'invalid',
    summary: 'The cluster does not know the resources of GRIT.',
    hint: 'kubectl apply -f deploy/kubernetes/crds',
  },
  GRIT_POD_NOT_FOUND: {
    kind: 'not-found',
    summary: 'The pod that is to be checkpointed does not exist, or its selector does not choose exactly one.',
    hint: 'Correct spec.podName or spec.selector; `kubectl get pods --show-labels` lists the pods of the namespace.',
  },
  GRIT_POD_GONE: {
    kind: 'failed',
    summary: 'The pod was deleted before its checkpoint was complete.',
    hint: 'Make a Checkpoint of a pod that runs.',
  },
  GRIT_POD_REPLACED: {
    kind: 'failed',
    summary: 'Another pod has the name of the pod that was to be checkpointed.',
    hint: 'Make a new Checkpoint for the new pod.',
  },
  GRIT_POD_FINISHED: {
    kind: 'failed',
    summary: 'The pod finished before its checkpoint was complete.',
    hint: 'Nothing is left to checkpoint; its result is where the pod put it.',
  },
  GRIT_CLAIM_UNUSABLE: {
    kind: 'refused',
    summary: 'A PersistentVolumeClaim cannot be written to on the node of the pod.',
    hint: 'Use a claim that is bound and has the access mode ReadWriteMany.',
  },
  GRIT_STORE_UNUSABLE: {
    kind: 'refused',
    summary: 'There is no store for the image of a Checkpoint.',
    hint: 'Set spec.volumeClaim or spec.storage, or make one CheckpointStore the default.',
  },
  GRIT_EVICTION_BLOCKED: {
    kind: 'refused',
    summary: 'The pod could not be evicted in time, mostly because of a PodDisruptionBudget.',
    hint: 'Make room in the PodDisruptionBudget (more replicas, or a larger maxUnavailable), or raise timeouts.stop.',
  },

  // Everywhere
  GRIT_TIMEOUT: {
    kind: 'timeout',
    summary: 'Something took longer than it may.',
    hint: 'Try again; raise the limit if the work is that large.',
  },
  GRIT_ABORTED: {
    kind: 'cancelled',
    summary: 'The caller gave up while the work was under way.',
    hint: 'Nothing to do.',
  },
  GRIT_NOT_ALLOWED: {
    kind: 'unauthorized',
    summary: 'The caller may not do this.',
    hint: 'Ask the owner of the platform.',
  },
  GRIT_UNSUPPORTED: {
    kind: 'unsupported',
    summary: 'A plugin does not have this capability.',
    hint: '`grit plugin list -o wide` shows capabilities.',
  },
  GRIT_INTERNAL: {
    kind: 'internal',
    summary: 'Something happened that should not: a defect in GRIT or in a plugin.',
    hint: 'Report it with the log and the stack.',
  },
} as const satisfies Record<string, ErrorEntry>;

/** A code of the catalogue. */
export type ErrorCode = keyof typeof ERRORS;

/** True for a code of this version's catalogue. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}
