// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';

/** What a GPU of a node is. */
export const gpuSchema = z.strictObject({
  uuid: z.string().describe('UUID.'),
  model: z.string().describe('Product name.'),
  memoryBytes: z.int().min(0).optional().describe('Memory.'),
  busId: z.string().optional().describe('PCI bus id.'),
});

/** Facts of a node that decide whether a checkpoint of one node can go on on another (facts page 7). */
export const nodeFactsSchema = z
  .strictObject({
    arch: z.string().optional().describe('Architecture: amd64, arm64.'),
    kernel: z.string().optional().describe('Kernel release.'),
    cgroup: z.enum(['v1', 'v2']).optional().describe('Version of the control groups.'),
    containerd: z.string().optional().describe('Version of containerd.'),
    runc: z.string().optional().describe('Version of runc.'),
    criu: z.string().optional().describe('Version of CRIU.'),
    cpuFlags: z.array(z.string()).max(512).optional().describe('Flags of /proc/cpuinfo, sorted.'),
    lsm: z.string().optional().describe('Security module: none, apparmor, selinux.'),
    driver: z.string().optional().describe('Version of the NVIDIA driver.'),
    gpus: z.array(gpuSchema).max(64).optional().describe('GPUs.'),
    freeBytes: z.int().min(0).optional().describe('Free space for images on the node.'),
  })
  .describe('Facts of a node.');

/** What is remembered of the pod and the node that were checkpointed. */
export const sourceSchema = z
  .strictObject({
    facts: nodeFactsSchema.optional(),
    owner: z
      .strictObject({
        apiVersion: z.string().describe('API version of the owner.'),
        kind: z.string().describe('Kind.'),
        name: z.string().describe('Name.'),
        uid: z.string().describe('UID.'),
      })
      .optional()
      .describe("The pod's controller."),
    identity: z
      .string()
      .optional()
      .describe('What tells the pod from its twins: the name in a StatefulSet, the index in an indexed Job.'),
    images: z
      .array(z.strictObject({ container: z.string().describe('Container.'), imageId: z.string().describe('Digest.') }))
      .max(64)
      .optional()
      .describe('Images by digest.'),
    tolerations: z.array(z.record(z.string(), z.unknown())).max(64).optional().describe('Tolerations of the pod.'),
    gpuCount: z.int().min(0).optional().describe('GPUs that the pod asked for.'),
  })
  .describe('The pod and node that were checkpointed.');

export type GpuFacts = z.infer<typeof gpuSchema>;
export type KubeNodeFacts = z.infer<typeof nodeFactsSchema>;
export type CheckpointSource = z.infer<typeof sourceSchema>;
