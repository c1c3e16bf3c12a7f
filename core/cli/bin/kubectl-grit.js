#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// The plugin of kubectl. `bin/kubectl-grit` starts it with the right Node; started with an older one, it finds the right one itself.
import { runMain } from './run-main.js';

await runMain('kubectl-grit.js', () => import('../dist/kubectl/main.js'));
