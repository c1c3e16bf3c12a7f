// SPDX-License-Identifier: Apache-2.0
import { AMOUNT_PATTERN, PERIOD_PATTERN } from '../../retention/retention-policy.js';
import type { ObjectNode } from './schema-node.js';

const PERIOD = { regex: PERIOD_PATTERN, expected: 'a whole number of s, m, h, d or w, like 30d' };

/** What a storage plugin keeps. */
export const RETENTION_SCHEMA: ObjectNode = {
  type: 'object',
  optional: true,
  description:
    'For storages: which checkpoints the server deletes, after each new one and every ten minutes. Never one that is pinned, in use, or the last good one of its workload. Default: none.',
  keys: {
    ttl: {
      type: 'string',
      optional: true,
      pattern: PERIOD,
      description: 'Checkpoints that are older, unless they were taken with a `--ttl` of their own.',
    },
    keepLast: {
      type: 'number',
      optional: true,
      pattern: { regex: /^[1-9]\d{0,5}$/, expected: 'a whole number from 1' },
      description: 'All but so many of each workload, the newest ones.',
    },
    maxBytes: {
      type: 'string',
      optional: true,
      pattern: { regex: AMOUNT_PATTERN, expected: 'an amount like 500GiB or 2TiB' },
      description: 'The oldest, until the store has no more; what checkpoints share counts once.',
    },
    grace: {
      type: 'string',
      optional: true,
      pattern: PERIOD,
      description:
        'For how long nothing may have been written to what a collection removes. Longer than any writer stands still. Default: a day.',
    },
  },
};
