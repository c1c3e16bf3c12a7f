// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { COMPLETION_SCRIPTS } from '../../src/completion/scripts.js';
import { KUBE_COMMAND_NAMES } from '../../src/kubectl/commands/registry.js';
import { completeForKubectl } from '../../src/kubectl/completion/complete-for-kubectl.js';
import { findingsOf } from '../../src/kubectl/doctor/examine-nodes.js';
import { storeFindings } from '../../src/kubectl/doctor/examine-stores.js';
import { main } from '../../src/kubectl/main.js';
import { RecordingTerminal } from '../recording-terminal.js';
import { gritNode, node } from './some-objects.js';

async function run(...args: string[]): Promise<{ exit: number; out: string; errors: string }> {
  const terminal = new RecordingTerminal();
  const environment = { KUBECONFIG: '/nonexistent/kubeconfig' };
  const exit = await main(args, { environment, workingDirectory: '/', terminal });
  return { exit, out: terminal.output, errors: terminal.errors };
}

describe('kubectl grit: command line', () => {
  it('each command explains itself in 100 columns, with examples that it understands', async () => {
    const { out } = await run();
    for (const name of KUBE_COMMAND_NAMES) {
      assert.match(out, new RegExp(`^  ${name} `, 'm'));
      const help = await run(name, '--help');
      assert.equal(help.exit, 0);
      assert.match(help.out, new RegExp(`^Usage: kubectl grit ${name}`, 'm'));
      assert.ok(
        help.out.split('\n').every((line) => line.length <= 100),
        help.out,
      );
    }
    assert.ok(
      out.split('\n').every((line) => line.length <= 100),
      out,
    );
    assert.doesNotMatch(out, /grit\.yaml|state-dir/);
  });

  it('wrong use: exit 2, what was meant, what to type', async () => {
    for (const [args, message] of [
      [['drian'], /did you mean drain/],
      [['migrate'], /needs either POD or -l SELECTOR/],
      [['migrate', 'a', '-l', 'b=c'], /needs either POD or -l SELECTOR/],
      [['migrate', 'a', '--claim', 'x', '--store', 'y'], /leave one out/],
      [['checkpoint', 'a', '--timeout', 'soon', '--wait'], /not a length of time/],
      [['migrate', 'a', '--timeout', '3s'], /give --wait, too/],
      [['drain', 'a', '--parallel', '3'], /--parallel needs --wait/],
      [['drain'], /kubectl grit drain needs NODE/],
      [['status', 'train', '-w'], /--watch/],
    ] as const) {
      const { exit, errors } = await run(...args);
      assert.equal(exit, 2, errors);
      assert.match(errors, message);
      assert.match(errors, /next: `kubectl grit/);
      assert.doesNotMatch(errors, /\n\s+at /);
    }
    const asJson = await run('status', '-o', 'json', '--kubeconfig', '/nonexistent');
    assert.equal((JSON.parse(asJson.errors) as { code: string }).code, 'GRIT_KUBE_CONFIG_INVALID');
  });

  it('completion in the words of kubectl', async () => {
    assert.equal(await completeForKubectl(['dr']), 'drain\n:4\n');
    assert.equal(await completeForKubectl(['drain', 'x', '--evict']), '--evict-others\n:4\n');
    assert.equal(await completeForKubectl(['status', '--kubeconfig', '']), ':0\n');
    assert.equal(
      await completeForKubectl(['drain', '--kubeconfig', '/nonexistent', '']).then((all) => all.split('\n').at(-2)),
      ':4',
    );
    assert.doesNotMatch(Object.values(COMPLETION_SCRIPTS).join(''), /kubectl/);
  });

  it('the doctor on nodes and stores', () => {
    const problems = (...args: Parameters<typeof findingsOf>) =>
      findingsOf(...args).flatMap(({ subject, problem }) => (problem === undefined ? [] : [subject]));
    const two = [gritNode('a'), gritNode('b')];
    assert.deepEqual(problems(two, [node('a'), node('b')], '0.1.0'), []);
    assert.deepEqual(problems(two, [node('a'), node('b'), node('c')], '0.1.0'), ['node c']);
    assert.deepEqual(problems(two, undefined, '0.2.0'), ['versions']);
    assert.deepEqual(problems([gritNode('a'), gritNode('b', 'amd64', 'NotReady')], undefined, '0.1.0'), [
      'nodes',
      'node b',
    ]);
    assert.deepEqual(
      storeFindings([]).map(({ problem }) => problem),
      [undefined],
    );
    const broken = { metadata: { name: 's' }, spec: { plugin: 'p' }, status: { phase: 'NotReady' } } as const;
    assert.equal(storeFindings([broken])[0]?.hint, 'kubectl describe checkpointstore s');
  });
});
