// SPDX-License-Identifier: Apache-2.0
import type { Context } from 'mocha';
import { startAzureService } from './azure-service.js';
import { startS3Service } from './s3-service.js';
import type { Service } from './service.js';

/** All kinds of object stores. */
export const SERVICES: readonly { readonly name: string; readonly start: (context: Context) => Promise<Service> }[] = [
  { name: 's3', start: (context) => startS3Service(context) },
  { name: 'azure', start: startAzureService },
];
