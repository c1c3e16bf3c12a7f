// SPDX-License-Identifier: Apache-2.0
// npm run build: npm packages, Node 24 and `tsc -b`.
import { main } from './process/main.mjs';
import { setUp } from './setup.mjs';

await main(() => setUp('build'));
