// SPDX-License-Identifier: Apache-2.0
import { storeSpecSchema, storeStatusSchema } from '../api/checkpoint-store.js';
import { STORES } from '../api/kinds.js';
import { AGE, type ResourceDefinition } from './resource-definition.js';
import { unchanged } from './rules.js';

export const CHECKPOINT_STORE: ResourceDefinition = {
  type: STORES,
  singular: 'checkpointstore',
  shortNames: ['cks'],
  description:
    'A CheckpointStore is a place for images that all namespaces can use, or those that it names. The one with the annotation grit.dev/is-default-store: "true" takes the images of Checkpoints that name no place.',
  spec: { schema: storeSpecSchema, description: 'What keeps the images, and for whom.', required: true },
  status: { schema: storeStatusSchema, description: 'Which nodes can use the store. Written by GRIT.' },
  columns: [
    { name: 'Plugin', jsonPath: '.spec.plugin', description: 'Storage plugin.' },
    {
      name: 'Ready',
      jsonPath: '.status.conditions[?(@.type=="Ready")].status',
      description: 'Whether it can be used.',
    },
    { name: 'Nodes', type: 'integer', jsonPath: '.status.nodesReady', description: 'Nodes that can use it.' },
    {
      name: 'Default',
      jsonPath: '.metadata.annotations.grit\\.dev/is-default-store',
      description: 'Whether it is the default.',
    },
    AGE,
    {
      name: 'Message',
      wide: true,
      jsonPath: '.status.conditions[?(@.type=="Ready")].message',
      description: 'Why it can or cannot be used.',
    },
  ],
  rules: [unchanged('plugin', 'make a new CheckpointStore, since the images of this one stay where they are')],
};
