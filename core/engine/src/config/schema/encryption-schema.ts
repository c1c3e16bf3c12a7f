// SPDX-License-Identifier: Apache-2.0
import { NAME_PATTERN } from '@grit/plugin-api';
import type { ObjectNode } from './schema-node.js';

/** The keys of a storage plugin. */
export const ENCRYPTION_SCHEMA: ObjectNode = {
  type: 'object',
  optional: true,
  description:
    'For storages: new images are encrypted, AES-256-GCM, each with a data key of its own that the current key wraps. Default: not encrypted.',
  keys: {
    current: {
      type: 'string',
      pattern: { regex: NAME_PATTERN, expected: 'a kebab-case name of at most 63 characters' },
      description: 'Name of the key that new images need; `grit rekey` gives it to old ones.',
    },
    keys: {
      type: 'map',
      description:
        'Keys by a name of your choice: all that images in the store need. Who loses them has lost the images; a name must never mean another key.',
      values: {
        type: 'object',
        description: 'A key.',
        keys: {
          keyFrom: {
            type: 'object',
            description:
              '64 hex digits, or 32 bytes in base64, from `openssl rand -base64 32`, say. A secret reference.',
            keys: {
              file: { type: 'string', optional: true, description: 'A file with nothing but the secret.' },
              env: { type: 'string', optional: true, description: 'An environment variable.' },
            },
          },
        },
      },
    },
  },
};
