// SPDX-License-Identifier: Apache-2.0
import { MemoryLogger } from '@grit/plugin-testing';
import { makeInformers, type Informers } from '../../../src/controllers/informers.js';
import type { KubeClient } from '../../../src/kit/kube-client.js';

/** Real caches that are never started: they know what is stored in them, and tell of it. */
export function someInformers(): Informers {
  return makeInformers(undefined as unknown as KubeClient, 'grit-system', new MemoryLogger());
}
