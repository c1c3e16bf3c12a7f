// SPDX-License-Identifier: Apache-2.0
import { PYTHON_IMAGE } from '../../cluster/index.js';
import {
  metadataOf,
  podMetadata,
  podPlacement,
  pythonCommand,
  type Manifest,
  type WorkloadOptions,
} from './manifest.js';

/** Where its pods listen. */
export const SERVING_PORT = 8080;

export interface ServingOptions extends WorkloadOptions {
  /** Default 1. */
  readonly replicas?: number;
  /** Default PYTHON_IMAGE; TORCH_IMAGE has all that is needed too. */
  readonly image?: string;
}

/** A Deployment of servers that count in memory (programs/serve.py), ready when they answer, and the Service before them. */
export function servingDeployment(options: ServingOptions): Manifest[] {
  const { name, replicas = 1, image = PYTHON_IMAGE } = options;
  const container = {
    name: 'serve',
    image,
    imagePullPolicy: 'Never',
    command: pythonCommand('serve.py'),
    ports: [{ name: 'http', containerPort: SERVING_PORT }],
    readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 3 },
  };
  const deployment: Manifest = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadataOf(options),
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: podMetadata(options), spec: { ...podPlacement(options), containers: [container] } },
    },
  };
  const service: Manifest = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadataOf(options),
    spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
  };
  return [service, deployment];
}
