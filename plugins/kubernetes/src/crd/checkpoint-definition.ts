// SPDX-License-Identifier: Apache-2.0
import { checkpointSpecSchema, checkpointStatusSchema } from '../api/checkpoint.js';
import { CHECKPOINTS } from '../api/kinds.js';
import { AGE, type ResourceDefinition } from './resource-definition.js';
import { ONE_LIST_OF_CONTAINERS, ONE_STORAGE, oneOf, unchanged } from './rules.js';

const ANEW = 'make a new Checkpoint';

/** The first four columns are the prototype's. */
export const CHECKPOINT: ResourceDefinition = {
  type: CHECKPOINTS,
  singular: 'checkpoint',
  shortNames: ['ckpt'],
  description:
    'A Checkpoint takes an image of a running pod and stores it: memory, open files and what its containers have written. A Restore lets a new pod go on from it.',
  spec: { schema: checkpointSpecSchema, description: 'Which pod, where to, and what comes after.', required: true },
  status: {
    schema: checkpointStatusSchema,
    description: 'How far the Checkpoint is and what is known of it. Written by GRIT.',
  },
  columns: [
    // Wherever it stands: in the spec from the start, or in the status once a selector has chosen it; where in both, it is the same.
    { name: 'Pod', jsonPath: '..podName', description: 'Name of the pod.' },
    { name: 'Phase', jsonPath: '.status.phase', description: 'How far it is.' },
    { name: 'Node', jsonPath: '.status.nodeName', description: 'Node that the pod runs or ran on.' },
    { name: 'Storage', jsonPath: '.status.storage', description: 'Where the image is stored.' },
    AGE,
    { name: 'Step', wide: true, jsonPath: '.status.progress.phase', description: 'What is being done.' },
    {
      name: 'Done',
      wide: true,
      type: 'integer',
      jsonPath: '.status.progress.doneBytes',
      description: 'Bytes that are done in this step.',
    },
    { name: 'Size', wide: true, type: 'integer', jsonPath: '.status.image.size', description: 'Bytes of the image.' },
    { name: 'Restore', wide: true, jsonPath: '.status.restoreName', description: 'Restore that it made.' },
    { name: 'Error', wide: true, jsonPath: '.status.error.code', description: 'Why it failed.' },
  ],
  rules: [
    oneOf('podName', 'selector', 'the name of the pod, or its labels'),
    ONE_STORAGE,
    {
      rule: '!(has(self.autoMigration) && self.autoMigration && has(self.afterCheckpoint) && self.afterCheckpoint == "resume")',
      message: 'cannot be resume with autoMigration, which stops the pod: leave it out, or set autoMigration to false',
      fieldPath: '.afterCheckpoint',
    },
    {
      rule: '!has(self.restore) || (has(self.autoMigration) && self.autoMigration)',
      message: 'is for the Restore that autoMigration makes: set autoMigration to true, or leave it out',
      fieldPath: '.restore',
    },
    ONE_LIST_OF_CONTAINERS,
    unchanged('podName', `${ANEW} for another pod`),
    unchanged('selector', `${ANEW} for another pod`),
    unchanged('volumeClaim', `${ANEW} that uses the other claim`),
    unchanged('storage', `${ANEW} that uses the other store`),
    unchanged('autoMigration', `${ANEW}, or a Restore from this one`),
    unchanged('afterCheckpoint', `${ANEW}, or delete the pod once this one is Checkpointed`),
    unchanged('strategy', ANEW),
    unchanged('containers', ANEW),
  ],
  selectable: ['.status.step.node'],
};
