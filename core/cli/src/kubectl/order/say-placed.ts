// SPDX-License-Identifier: Apache-2.0
import type { KubeObject } from '@grit/plugin-kubernetes';
import type { Terminal } from '../../output/terminal.js';
import type { Placed } from './go-on-or-make.js';

const HOW: Readonly<Record<Placed<KubeObject>['how'], string>> = {
  made: 'is under way',
  'goes on': 'was under way already and goes on',
  'tried again': 'had failed and is tried again',
  'is over': 'has ended already',
};

/** Says what was ordered, and how to look at it. */
export function sayPlaced(terminal: Terminal, { object, how }: Placed<KubeObject>, look: string): void {
  terminal.out(`${object.kind ?? ''} ${object.metadata.name} ${HOW[how]}.\n\nnext: ${look}\n`);
}
