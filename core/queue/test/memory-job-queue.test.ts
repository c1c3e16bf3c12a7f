// SPDX-License-Identifier: Apache-2.0
import { MemoryJobQueue } from '../src/memory/memory-job-queue.js';
import { describeJobQueue } from './job-queue-contract.js';

describe('MemoryJobQueue', () => {
  let queue: MemoryJobQueue;
  before(() => {
    queue = new MemoryJobQueue();
  });
  after(() => queue.close());
  describeJobQueue('MemoryJobQueue', () => queue);
});
