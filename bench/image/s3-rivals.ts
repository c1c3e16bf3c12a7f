// SPDX-License-Identifier: Apache-2.0
import type { Versitygw } from '../../test/fixtures/object-stores/versitygw.js';
import type { Rival } from './rivals.js';
import { shell, timedRun, type Run } from './timed-run.js';

/** What everybody who speaks S3 reads its identity from. */
export function s3Environment({ accessKeyId, secretAccessKey, region }: Versitygw): NodeJS.ProcessEnv {
  return { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_REGION: region };
}

/** restic with a repository in the bucket. `packSize` in MiB; without it: what it does of itself. */
export function resticToS3(
  program: string,
  server: Versitygw,
  {
    prefix,
    cache,
    packSize,
  }: { readonly prefix: string; readonly cache: string; readonly packSize: number | undefined },
): Rival {
  const repository = `s3:${server.endpoint}/${server.bucket}/${prefix}`;
  const env = {
    ...s3Environment(server),
    ...{ RESTIC_PASSWORD: 'bench', RESTIC_REPOSITORY: repository, RESTIC_CACHE_DIR: cache },
  };
  const common = '-q -o s3.connections=8 -o s3.bucket-lookup=path';
  const size = packSize === undefined ? '' : `--pack-size ${packSize}`;
  const backup = (from: string): Promise<Run> =>
    timedRun(`cd ${from} && ${program} ${common} backup ${size} --host bench .`, env);
  return {
    name: 'restic',
    first: async (from) => {
      await shell(`rm -rf ${cache} && ${program} ${common} init`, env);
      return backup(from);
    },
    second: backup,
    restore: (to) => timedRun(`${program} ${common} restore latest --target ${to}`, env),
  };
}

/** rclone as one would tune it for a few large files and many small ones. */
export function rcloneToS3(program: string, server: Versitygw, prefix: string): Rival {
  const env = {
    ...{ RCLONE_S3_PROVIDER: 'Other', RCLONE_S3_ENDPOINT: server.endpoint, RCLONE_S3_REGION: server.region },
    ...{ RCLONE_S3_ACCESS_KEY_ID: server.accessKeyId, RCLONE_S3_SECRET_ACCESS_KEY: server.secretAccessKey },
  };
  const parts = '--s3-chunk-size 16M --s3-upload-concurrency 8 --s3-upload-cutoff 64M --s3-no-check-bucket';
  const streams = '--multi-thread-streams 8 --multi-thread-cutoff 64M --multi-thread-chunk-size 16M';
  const copy = (from: string, to: string): Promise<Run> =>
    timedRun(`${program} copy --config /dev/null --transfers 10 ${parts} ${streams} -q ${from} ${to}`, env);
  const remote = `:s3:${server.bucket}/${prefix}`;
  return {
    name: 'rclone',
    first: (from) => copy(from, `${remote}/first`),
    second: (from) => copy(from, `${remote}/second`),
    restore: (to) => copy(`${remote}/second`, to),
  };
}
