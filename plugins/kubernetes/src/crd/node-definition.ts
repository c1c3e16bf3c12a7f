// SPDX-License-Identifier: Apache-2.0
import { gritNodeSpecSchema, gritNodeStatusSchema } from '../api/grit-node.js';
import { GRIT_NODES } from '../api/kinds.js';
import { AGE, type ResourceDefinition } from './resource-definition.js';

export const GRIT_NODE: ResourceDefinition = {
  type: GRIT_NODES,
  singular: 'gritnode',
  shortNames: ['gn'],
  description:
    'A GritNode is what the agent of GRIT on the node of the same name says about it: whether it can take and restore checkpoints, and the facts that decide where a checkpoint can go on. The agent makes it; it goes when the Node goes.',
  spec: { schema: gritNodeSpecSchema, description: 'Nothing to be set.', required: false },
  status: { schema: gritNodeStatusSchema, description: 'What the agent and the controller have found out.' },
  columns: [
    { name: 'Ready', jsonPath: '.status.conditions[?(@.type=="Ready")].status', description: 'Whether it can work.' },
    { name: 'CRIU', jsonPath: '.status.facts.criu', description: 'Version of CRIU.' },
    { name: 'Kernel', jsonPath: '.status.facts.kernel', description: 'Release of the kernel.' },
    { name: 'GPUs', type: 'integer', jsonPath: '.status.facts.gpuCount', description: 'Number of GPUs.' },
    AGE,
    { name: 'Runc', wide: true, jsonPath: '.status.facts.runc', description: 'Version of runc.' },
    { name: 'Containerd', wide: true, jsonPath: '.status.facts.containerd', description: 'Version of containerd.' },
    { name: 'Driver', wide: true, jsonPath: '.status.facts.driver', description: 'Version of the NVIDIA driver.' },
    { name: 'Agent', wide: true, jsonPath: '.status.agentVersion', description: 'Version of the agent.' },
    {
      name: 'Message',
      wide: true,
      jsonPath: '.status.conditions[?(@.type=="Ready")].message',
      description: 'Why it can or cannot work.',
    },
  ],
  rules: [],
};
