// SPDX-License-Identifier: Apache-2.0
import { NAME_PATTERN } from '@grit/plugin-api';
import { ENCRYPTION_SCHEMA } from './encryption-schema.js';
import { RETENTION_SCHEMA } from './retention-schema.js';
import type { ObjectNode } from './schema-node.js';

const SECRET = {
  file: { type: 'string' as const, optional: true, description: 'A file with nothing but the secret.' },
  env: { type: 'string' as const, optional: true, description: 'An environment variable.' },
};

/** What grit.yaml may contain. A key `x` marked secret is written as `xFrom: { file: … }` or `{ env: … }`. */
export const GRIT_SCHEMA: ObjectNode = {
  type: 'object',
  description: 'grit.yaml',
  keys: {
    queue: {
      type: 'object',
      description: 'Where operations wait for their turn.',
      keys: {
        redis: {
          type: 'choice',
          text: 'embedded',
          description:
            '`embedded` starts redis-server or valkey-server from PATH on a socket in the state directory; an object names a Redis that somebody else runs.',
          object: {
            type: 'object',
            description: 'A Redis that somebody else runs.',
            keys: {
              url: {
                type: 'string',
                pattern: {
                  regex: /^rediss?:\/\/(?!.*:[^/]*@)/,
                  expected:
                    'a URL that begins with redis:// or rediss:// and has no password in it; that is what passwordFrom is for',
                },
                description: '`redis://host:port/db`, `rediss://` for TLS. The password is `passwordFrom`.',
              },
              username: { type: 'string', optional: true, description: 'ACL user.' },
              passwordFrom: secret('Password of the user.'),
              tls: {
                type: 'object',
                optional: true,
                description: 'For `rediss://` with a private CA or client certificates.',
                keys: {
                  caFrom: secret('Certificates of the CA, PEM.'),
                  certFrom: secret("The client's certificate, PEM."),
                  keyFrom: secret("The client's key, PEM."),
                },
              },
            },
          },
        },
      },
    },
    catalog: {
      type: 'object',
      description: 'The only truth: operations, checkpoints, workloads.',
      keys: {
        use: {
          type: 'string',
          oneOf: ['@grit/core/sqlite'],
          default: '@grit/core/sqlite',
          description: 'The implementation.',
        },
        path: { type: 'string', description: 'The database file. Default: `catalog.db` in the state directory.' },
      },
    },
    node: {
      type: 'object',
      description: 'This machine.',
      keys: {
        name: name({ default: 'local', description: 'Name of the node that the server runs on.' }),
        dataPlane: {
          type: 'object',
          description: 'What packing a dump may take.',
          keys: {
            threads: {
              type: 'number',
              optional: true,
              pattern: { regex: /^([1-9]|[1-5]\d|6[0-4])$/, expected: 'a whole number from 1 to 64' },
              description: 'Threads. Default: one more than there are cores, at most 8.',
            },
            memoryMiB: {
              type: 'number',
              default: 64,
              pattern: {
                regex: /^(1[6-9]|[2-9]\d|[1-9]\d\d|[1-3]\d{3}|40[0-8]\d|409[0-6])$/,
                expected: 'a whole number from 16 to 4096',
              },
              description:
                'Memory for pages on their way and for the index of known chunks, each half of it; some 10 MiB for each thread come on top. An index of 32 MiB knows 64 GiB.',
            },
          },
        },
        imageCache: {
          type: 'object',
          description: 'Images on the disk of this machine after a restore, for the next one.',
          keys: {
            keepMiB: {
              type: 'number',
              default: 20_480,
              pattern: { regex: /^(0|[1-9]\d{0,8})$/, expected: 'a whole number, 0 for none' },
              description:
                'Most of them that is kept, the last used first. Less when the file system has less than 15 % free; none for longer than a day without use.',
            },
          },
        },
      },
    },
    plugins: {
      type: 'map',
      description:
        'Plugins by a name of your choice. `runtime-criu` (@grit/runtime-criu) and `store` (@grit/storage-pvc below the state directory) are there by default; `NAME: null` leaves one out, and another runtime takes the place of `runtime-criu`.',
      values: {
        type: 'object',
        description: 'A plugin.',
        keys: {
          use: {
            type: 'string',
            pattern: {
              regex: /^(\/|(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$)/,
              expected: 'the name of an npm package, or a path that begins with ./ or /',
            },
            description:
              'An npm package, looked for beside the configuration file, then beside GRIT, then in /opt/grit/plugins; or a path that begins with `./` or `/`.',
          },
          config: {
            type: 'free',
            description: "The plugin's own configuration, checked by its schema.",
          },
          retention: RETENTION_SCHEMA,
          encryption: ENCRYPTION_SCHEMA,
          onBootFailure: {
            type: 'string',
            oneOf: ['fail', 'continue'],
            default: 'fail',
            description:
              '`continue` starts the platform without the plugin when it fails; never for runtimes and the default storage.',
          },
        },
      },
    },
    defaults: {
      type: 'object',
      description: 'What a request means when it does not say.',
      keys: {
        storage: name({ default: 'store', description: 'Name of the storage plugin.' }),
        afterCheckpoint: {
          type: 'string',
          oneOf: ['resume', 'stop', 'hold'],
          default: 'resume',
          description: 'What happens to a workload after its checkpoint.',
        },
        tcp: {
          type: 'string',
          oneOf: ['refuse', 'keep', 'close'],
          default: 'refuse',
          description:
            '`refuse`: they forbid a checkpoint. `keep`: they need the same address after the restore. `close`: the peer sees a reset.',
        },
      },
    },
    log: {
      type: 'object',
      description: 'Log lines of server and agents.',
      keys: {
        level: {
          type: 'string',
          oneOf: ['debug', 'info', 'warn', 'error'],
          default: 'info',
          description: 'The least that is written.',
        },
      },
    },
  },
};

function name(node: { readonly default: string; readonly description: string }) {
  return {
    type: 'string' as const,
    pattern: { regex: NAME_PATTERN, expected: 'a kebab-case name of at most 63 characters' },
    ...node,
  };
}

function secret(description: string) {
  return { type: 'object' as const, optional: true, description: `${description} A secret reference.`, keys: SECRET };
}
