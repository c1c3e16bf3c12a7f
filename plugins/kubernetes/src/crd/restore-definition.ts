// SPDX-License-Identifier: Apache-2.0
import { RESTORES } from '../api/kinds.js';
import { restoreSpecSchema, restoreStatusSchema } from '../api/restore.js';
import { AGE, type ResourceDefinition } from './resource-definition.js';
import { unchanged } from './rules.js';

const ANEW = 'make a new Restore';

/** The first four columns are the prototype's. */
export const RESTORE: ResourceDefinition = {
  type: RESTORES,
  singular: 'restore',
  shortNames: ['rt'],
  description:
    'A Restore lets a new pod go on from a Checkpoint. It waits for the next pod that fits, which is made by its owner or by hand; exactly one takes it.',
  spec: { schema: restoreSpecSchema, description: 'Which Checkpoint, and which pod takes it.', required: true },
  status: {
    schema: restoreStatusSchema,
    description: 'How far the Restore is and which pod has taken it. Written by GRIT.',
  },
  columns: [
    { name: 'Checkpoint', jsonPath: '.spec.checkpointName', description: 'Checkpoint to go on from.' },
    { name: 'RestorationPod', jsonPath: '.status.targetPod', description: 'Pod that has taken it.' },
    { name: 'NodeName', jsonPath: '.status.nodeName', description: 'Node of that pod.' },
    { name: 'Phase', jsonPath: '.status.phase', description: 'How far it is.' },
    AGE,
    { name: 'Step', wide: true, jsonPath: '.status.progress.phase', description: 'What is being done.' },
    {
      name: 'Done',
      wide: true,
      type: 'integer',
      jsonPath: '.status.progress.doneBytes',
      description: 'Bytes that are done in this step.',
    },
    { name: 'Failures', wide: true, type: 'integer', jsonPath: '.status.failures', description: 'Tries that failed.' },
    { name: 'Error', wide: true, jsonPath: '.status.error.code', description: 'Why it failed.' },
  ],
  rules: [
    unchanged('checkpointName', `${ANEW} for another Checkpoint`),
    unchanged('checkpointNamespace', `${ANEW} for another Checkpoint`),
    unchanged('ownerRef', `${ANEW} for the pods of another owner`),
    unchanged('selector', `${ANEW} for other pods`),
    unchanged('podName', `${ANEW} for another pod`),
  ],
  selectable: ['.status.step.node'],
};
