// SPDX-License-Identifier: Apache-2.0
import { MIGRATIONS } from '../api/kinds.js';
import { migrationSpecSchema, migrationStatusSchema } from '../api/migration.js';
import { AGE, type ResourceDefinition } from './resource-definition.js';
import { ONE_LIST_OF_CONTAINERS, ONE_STORAGE, oneOf, unchanged } from './rules.js';

const ANEW = 'delete this Migration (until it has stopped its pod, that runs on) and make a new one';

export const MIGRATION: ResourceDefinition = {
  type: MIGRATIONS,
  singular: 'migration',
  shortNames: ['mig'],
  description:
    'A Migration moves running pods to other nodes: it takes a checkpoint of each, stops the pod and lets a new one go on elsewhere. It makes one Checkpoint and one Restore for each pod. A pod without an owner is made anew under its own name.',
  spec: { schema: migrationSpecSchema, description: 'Which pods, where to, and by when.', required: true },
  status: { schema: migrationStatusSchema, description: 'How far the Migration is. Written by GRIT.' },
  columns: [
    { name: 'Pod', jsonPath: '.spec.podName', description: 'Name of the pod.' },
    { name: 'From', jsonPath: '.status.sourceNode', description: 'Node that the pod leaves.' },
    { name: 'To', jsonPath: '.status.targetNode', description: 'Node that it goes on on.' },
    { name: 'Phase', jsonPath: '.status.phase', description: 'How far it is.' },
    AGE,
    { name: 'Progress', wide: true, jsonPath: '.status.progress.phase', description: 'What is being done.' },
    {
      name: 'Done',
      wide: true,
      type: 'integer',
      jsonPath: '.status.progress.doneBytes',
      description: 'Bytes that are done in this step.',
    },
    { name: 'Checkpoint', wide: true, jsonPath: '.status.checkpointName', description: 'Its Checkpoint.' },
    { name: 'Moved', wide: true, type: 'integer', jsonPath: '.status.pods.succeeded', description: 'Pods moved.' },
    { name: 'Of', wide: true, type: 'integer', jsonPath: '.status.pods.total', description: 'Pods to move.' },
    { name: 'Error', wide: true, jsonPath: '.status.error.code', description: 'Why it failed.' },
  ],
  rules: [
    oneOf('podName', 'selector', 'the name of the pod, or labels of several'),
    ONE_STORAGE,
    ONE_LIST_OF_CONTAINERS,
    unchanged('podName', ANEW),
    unchanged('selector', ANEW),
    unchanged('nodeName', ANEW),
    unchanged('volumeClaim', ANEW),
    unchanged('storage', ANEW),
    unchanged('strategy', ANEW),
    unchanged('containers', ANEW),
  ],
};
