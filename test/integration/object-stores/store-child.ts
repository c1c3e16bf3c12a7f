// SPDX-License-Identifier: Apache-2.0
// Stores the image of the job that stands in its standard input. It ends when there is nothing left to do: nothing makes it.
import { text } from 'node:stream/consumers';
import { openPlace } from './open-place.js';
import type { StoreJob } from './store-job.js';
import { storeKept } from './store-kept.js';

const job = JSON.parse(await text(process.stdin)) as StoreJob;
await storeKept(openPlace(job.place), job);
