// SPDX-License-Identifier: Apache-2.0
import type { JobRoute, JsonObject } from '@grit/plugin-api';
import type { ResourceType } from '../api/kinds.js';
import type { KubeObject } from '../api/metadata.js';
import type { Step } from '../api/step.js';

/** Name of the jobs that wake the agent of a node. */
export const NODE_JOB = 'kube-step';

/** Data of such a job: where the order stands, never the order itself. */
export interface NodeJob {
  readonly apiVersion: 'grit.dev/v1';
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly token: string;
}

/** The queue of a node. */
export function routeOf(node: string): JobRoute {
  return `node-${node}`;
}

/** The job that points at the newest order of an object. */
export function nodeJobOf(type: ResourceType, object: KubeObject, step: Step): NodeJob & JsonObject {
  return {
    apiVersion: 'grit.dev/v1',
    kind: type.kind,
    namespace: object.metadata.namespace ?? '',
    name: object.metadata.name,
    uid: object.metadata.uid ?? '',
    token: step.token,
  };
}
