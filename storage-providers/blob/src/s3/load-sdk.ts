// SPDX-License-Identifier: Apache-2.0
import type * as S3 from '@aws-sdk/client-s3';
import { GritError } from '@grit/plugin-api';

export type Sdk = typeof S3;

const PACKAGE = '@aws-sdk/client-s3';

/** The SDK, which only those need who have a bucket. Throws GRIT_CONFIG_INVALID where it is not installed. */
export async function loadSdk(): Promise<Sdk> {
  try {
    return await import('@aws-sdk/client-s3');
  } catch (cause) {
    throw new GritError('GRIT_CONFIG_INVALID', `a store in S3 needs the package ${PACKAGE}, which is not installed`, {
      cause,
      hint: `npm install ${PACKAGE} beside GRIT`,
    });
  }
}
