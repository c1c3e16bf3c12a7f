// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { profilesSchema } from './gpu-profiles-schema.js';

/** A strict object whose complaint about an unknown key names those that it knows. */
function section<S extends z.ZodRawShape>(shape: S) {
  const known = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: ({ code }) => (code === 'unrecognized_keys' ? `unknown key; known are: ${known}` : undefined),
  });
}

const seconds = (usual: number) => z.number().positive().max(3600).default(usual);
const port = z.int().min(1).max(65535);
/** Of a namespace or of any other object. */
const name = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'expected a name of Kubernetes: lower case letters, digits, - and .');

const leaderElection = section({
  enabled: z.boolean().default(true).describe('Off only where one server runs at most.'),
  leaseName: name.default('grit-controller').describe('Lease in `namespace`.'),
  leaseSeconds: seconds(15).describe('A leader that is silent for so long has lost.'),
  renewSeconds: seconds(10).describe('A leader that could not renew for so long stops.'),
  retrySeconds: seconds(2).describe('Between two tries.'),
}).refine(({ leaseSeconds, renewSeconds }) => renewSeconds < leaseSeconds, {
  path: ['renewSeconds'],
  message: 'must be less than leaseSeconds: the leader has to stop before another one may begin',
});

const webhook = section({
  host: z.string().min(1).default('0.0.0.0').describe('Address that it listens on.'),
  port: z.int().min(0).max(65535).default(10350).describe('Port; 0 takes a free one.'),
  url: z
    .url({ protocol: /^https$/ })
    .optional()
    .describe('How the API server reaches it, for servers outside of the cluster. Default: `service`.'),
  service: section({
    name: name.default('grit-webhook').describe('Service before the servers.'),
    namespace: name.optional().describe('Its namespace; default: `namespace`.'),
    port: port.default(443).describe('Its port.'),
  })
    .prefault({})
    .describe('The Service through which the API server reaches it.'),
});

const certificates = section({
  mode: z
    .enum(['self-signed', 'provided'])
    .default('self-signed')
    .describe(
      'self-signed: made and rotated by the leader. provided: read from `directory`, for example by cert-manager.',
    ),
  secretName: name.default('grit-webhook-cert').describe('Secret that the replicas share.'),
  directory: z
    .string()
    .startsWith('/', 'expected an absolute path')
    .optional()
    .describe('provided: has tls.crt, tls.key and ca.crt; read anew when they change.'),
}).refine(({ mode, directory }) => mode !== 'provided' || directory !== undefined, {
  path: ['directory'],
  message: 'mode provided needs the directory with tls.crt, tls.key and ca.crt',
});

const claimPod = section({
  image: z.string().min(1).default('grit/claim:1').describe('Image whose command waits until it is ended.'),
  pullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).default('IfNotPresent').describe('When it is pulled.'),
  pullSecrets: z.array(name).max(16).default([]).describe('Secrets for that, in the namespace of the claim.'),
  readySeconds: seconds(120).describe('Longest wait for it to run with the claim mounted.'),
});

const gpuProfiles = section({
  enabled: z
    .boolean()
    .default(false)
    .describe('Whether pods with the label grit.dev/gpu-profile get the variables of that profile.'),
  profiles: profilesSchema
    .default({})
    .describe('More profiles: names with variables and their values, which are texts: `"0"`.'),
});

/** `config` of the plugin in grit.yaml. */
export const kubernetesConfigSchema = section({
  kubeconfig: z
    .string()
    .min(1)
    .optional()
    .describe("Path. Default: the pod's ServiceAccount, else $KUBECONFIG, else ~/.kube/config."),
  namespace: name.default('grit-system').describe('Namespace of our own objects: Leases, Secret.'),
  identity: z
    .string()
    .min(1)
    .max(253)
    .optional()
    .describe('Name of this server in Leases. Default: host name and a random part.'),
  leaderElection: leaderElection
    .prefault({})
    .describe('One of several servers runs the controllers; all answer admission.'),
  webhook: webhook.prefault({}).describe('The admission server.'),
  certificates: certificates.prefault({}).describe('Where its certificate comes from.'),
  claimPod: claimPod.prefault({}).describe('The pod that mounts a PersistentVolumeClaim for the agent of a node.'),
  gpuProfiles: gpuProfiles.prefault({}).describe('Environment that lets workloads on GPUs be checkpointed.'),
  runtimeClassName: name.default('grit').describe('RuntimeClass of restored pods.'),
  secretsDirectory: z
    .string()
    .startsWith('/', 'expected an absolute path')
    .optional()
    .describe('In agents: where the Secrets are mounted that CheckpointStores refer to, each in a folder of its name.'),
  workers: z.int().min(1).max(256).default(16).describe('Objects of one kind that are worked on at once.'),
  nodeLeaseSeconds: seconds(40).describe('An agent that is silent for so long is not ready.'),
});

/** The configuration with its defaults. */
export type KubernetesConfig = z.output<typeof kubernetesConfigSchema>;
