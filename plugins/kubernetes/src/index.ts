// SPDX-License-Identifier: Apache-2.0
export type { AdmissionContext, AdmissionInformers } from './admission/admission-context.js';
export type { CertificateSource } from './admission/certificates/certificate-source.js';
export { openCertificates } from './admission/certificates/open-certificates.js';
export { SecretCertificates } from './admission/certificates/secret-certificates.js';
export {
  startWebhookServer,
  type WebhookServer,
  type WebhookServerOptions,
} from './admission/server/webhook-server.js';
export { startAdmission } from './admission/start-admission.js';
export { runNodeAgent, type NodeAgentOptions, type NodeAgentSettings } from './agent/run-node-agent.js';
export type { NodeHandlers, StepContext, StepHandler, StepOrder, StepResult } from './agent/node-handlers.js';
export type { CheckpointStore, CheckpointStoreSpec, CheckpointStoreStatus } from './api/checkpoint-store.js';
export type { Checkpoint, CheckpointPhase, CheckpointSpec, CheckpointStatus } from './api/checkpoint.js';
export type { Condition } from './api/condition.js';
export {
  CLAIMS,
  EVENTS,
  LEASES,
  NAMESPACES,
  NODES,
  PODS,
  REVISIONS,
  SECRETS,
  type Claim,
  type KubeNode,
  type Lease,
  type Pod,
  type PodSpec,
  type Secret,
} from './api/core-kinds.js';
export type { GritNode, GritNodeStatus } from './api/grit-node.js';
export { API_VERSION, FINALIZER, GROUP, KEYS, MANAGERS, VERSION } from './api/group.js';
export { CHECKPOINTS, GRIT_NODES, MIGRATIONS, RESTORES, STORES, type ResourceType } from './api/kinds.js';
export type { KubeObject, ObjectMeta, OwnerReference } from './api/metadata.js';
export type { Migration, MigrationPhase, MigrationSpec, MigrationStatus } from './api/migration.js';
export type { Restore, RestorePhase, RestoreSpec, RestoreStatus } from './api/restore.js';
export type { LabelSelector } from './api/selector.js';
export type { KubeNodeFacts } from './api/source.js';
export type { ImageFacts, StatusError, Step, StepName, StepProgress, StepReport } from './api/step.js';
export { kubernetesConfig, type KubernetesConfig } from './config.js';
export { admissionController, type AdmissionController } from './controllers/admission/controller.js';
export { isInForce } from './controllers/admission/is-in-force.js';
export { CONFIGURATIONS } from './controllers/admission/wanted-configurations.js';
export { MUTATING, VALIDATING, type WebhookConfiguration } from './controllers/admission/webhook-configuration.js';
export { sourceOf } from './controllers/checkpoint/source-of.js';
export { chooseStore, type StoreChoice } from './controllers/store/choose-store.js';
export { dropRestore } from './handover/drop-restore.js';
export { EventRecorder } from './kit/event-recorder.js';
export { addFinalizer, removeFinalizer } from './kit/finalizers.js';
export { Informer, type InformerOptions, type ObjectChange } from './kit/informer.js';
export { KubeClient, type ObjectRef } from './kit/kube-client.js';
export { KubeError } from './kit/kube-error.js';
export { runAsLeader } from './kit/leader.js';
export { compatibleNodes, describeExcluded, type NodeCandidate } from './placement/compatible-nodes.js';
export { makesPodsAnew, ownerOf } from './pods/owner-of.js';
export { isClaimPod, isMirrorPod, isReady, isTerminal, isTerminating, whyNotRunning } from './pods/pod-state.js';
export { AGENT_RIGHTS } from './rbac/agent-rights.js';
export { CONTROLLER_RIGHTS } from './rbac/controller-rights.js';
export { waitOf } from './pods/wait-of.js';
export { podSpecHash } from './pods/pod-spec-hash.js';
export { default } from './plugin.js';
