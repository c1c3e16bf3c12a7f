// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';

/** What a GPU of a node is. */
const gpuSchema = z.strictObject({
  uuid: z.string().describe('UUID of the GPU.'),
  model: z.string().describe('Name of the product.'),
  memoryBytes: z.int().min(0).optional().describe('Memory of the GPU in bytes.'),
  busId: z.string().optional().describe('Id on the PCI bus.'),
});

/** Facts of a node that decide whether a checkpoint of one node can go on on another (facts page 7). */
export const nodeFactsSchema = z
  .strictObject({
    arch: z.string().optional().describe('Architecture, as Kubernetes names it: amd64, arm64.'),
    kernel: z.string().optional().describe('Release of the kernel.'),
    cgroup: z.enum(['v1', 'v2']).optional().describe('Version of the control groups.'),
    containerd: z.string().optional().describe('Version of containerd.'),
    runc: z.string().optional().describe('Version of runc.'),
    criu: z.string().optional().describe('Version of CRIU.'),
    cpuFlags: z.array(z.string()).max(512).optional().describe('Flags of the CPU as in /proc/cpuinfo, sorted.'),
    lsm: z.string().optional().describe('Security module: none, apparmor, selinux.'),
    driver: z.string().optional().describe('Version of the NVIDIA driver.'),
    gpus: z.array(gpuSchema).max(64).optional().describe('GPUs of the node.'),
    gpuCount: z.int().min(0).optional().describe('Number of GPUs of the node.'),
    freeBytes: z.int().min(0).optional().describe('Bytes free for images on the node.'),
  })
  .describe('Facts of the node.');

/** What is remembered of the pod and the node that were checkpointed. */
export const sourceSchema = z
  .strictObject({
    facts: nodeFactsSchema.optional().describe('Facts of the node that the pod ran on.'),
    owner: z
      .strictObject({
        apiVersion: z.string().describe('API version of the owner.'),
        kind: z.string().describe('Kind of the owner.'),
        name: z.string().describe('Name of the owner.'),
        uid: z.string().describe('UID of the owner.'),
      })
      .optional()
      .describe('Controller that owns the pod.'),
    identity: z
      .string()
      .optional()
      .describe(
        'What tells the pod from others of its owner: the name in a StatefulSet, the completion index in an indexed Job.',
      ),
    images: z
      .array(
        z.strictObject({
          container: z.string().describe('Name of the container.'),
          imageId: z.string().describe('Image with its digest.'),
        }),
      )
      .max(64)
      .optional()
      .describe('Images of the containers.'),
    tolerations: z
      .array(z.record(z.string(), z.unknown()))
      .max(64)
      .optional()
      .describe('Tolerations of the pod, which the new pod is given too.'),
    gpuCount: z.int().min(0).optional().describe('Number of GPUs that the pod asked for.'),
  })
  .describe(
    'What is known of the pod and the node that it was checkpointed on; a new pod goes only where this allows.',
  );

export type GpuFacts = z.infer<typeof gpuSchema>;
export type KubeNodeFacts = z.infer<typeof nodeFactsSchema>;
export type CheckpointSource = z.infer<typeof sourceSchema>;
