#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// Started by pods of the agent; what it can do: grit-node with no words.
import { main } from '../dist/node-install/main.js';

process.exit(await main(process.argv.slice(2)));
