// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readContainerdSettings, type ContainerdSettings } from '../../src/node-install/containerd-settings.js';
import { addHandler, withoutHandler } from '../../src/node-install/handler-config.js';

const SEED = Number(process.env['GRIT_SEED'] ?? 20261128);
const CONFIG = '/etc/containerd/config.toml';
const WRAPPER = '/opt/grit/runc-grit';

const SETTINGS: ContainerdSettings = {
  defaultRuntime: 'runc',
  runtimes: ['runc'],
  options: { BinaryName: "''", Root: "''", IoGid: '0', SystemdCgroup: 'true' },
  program: 'runc',
  imports: [],
  state: '/run/containerd',
};

const DUMP_2 = `version = 3
state = '/run/containerd-x'
imports = ['/etc/containerd/conf.d/*.toml', '/data/containerd.d/*.toml']

[plugins]
  [plugins.'io.containerd.cri.v1.runtime']
    enable_selinux = false

    [plugins.'io.containerd.cri.v1.runtime'.containerd]
      default_runtime_name = 'nvidia'

      [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes]
        [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.nvidia]
          runtime_type = 'io.containerd.runc.v2'

          [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.nvidia.options]
            BinaryName = '/usr/bin/nvidia-container-runtime'
            SystemdCgroup = true

        [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
          runtime_type = 'io.containerd.runc.v2'
`;

const DUMP_1 = `imports = []
state = "/run/containerd"
version = 2

[plugins]

  [plugins."io.containerd.grpc.v1.cri"]

    [plugins."io.containerd.grpc.v1.cri".containerd]
      default_runtime_name = "runc"

      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes]

        [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
          runtime_type = "io.containerd.runc.v2"

          [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
            SystemdCgroup = true
`;

describe('the handler in the configuration of containerd', () => {
  it('what containerd 2 and 1 say of themselves is understood', () => {
    assert.deepEqual(readContainerdSettings(DUMP_2), {
      defaultRuntime: 'nvidia',
      runtimes: ['nvidia', 'runc'],
      options: { BinaryName: "'/usr/bin/nvidia-container-runtime'", SystemdCgroup: 'true' },
      program: '/usr/bin/nvidia-container-runtime',
      imports: ['/etc/containerd/conf.d/*.toml', '/data/containerd.d/*.toml'],
      state: '/run/containerd-x',
    });
    const old = readContainerdSettings(DUMP_1);
    assert.deepEqual([old.defaultRuntime, old.runtimes, old.imports], ['runc', ['runc'], []]);
    assert.deepEqual(old.options, { SystemdCgroup: 'true' });
  });

  it('it gets a file of its own where such files are read, with the options of the default runtime', () => {
    const { file, text } = addHandler(CONFIG, 'version = 3\n', readContainerdSettings(DUMP_2), WRAPPER);
    assert.equal(file, '/data/containerd.d/grit.toml');
    assert.match(text, /^# BEGIN grit.*\nversion = 3\n/);
    assert.match(text, /BinaryName = '\/opt\/grit\/runc-grit'\nSystemdCgroup = true\n/);
    assert.equal(withoutHandler(text), '');
  });

  it('else it gets a section at the end of the configuration, in the words of its version', () => {
    const two = addHandler(CONFIG, 'version = 2\n', SETTINGS, WRAPPER);
    assert.equal(two.file, CONFIG);
    assert.ok(two.text.includes("[plugins.'io.containerd.grpc.v1.cri'.containerd.runtimes.grit]\n"));
    const three = addHandler(CONFIG, 'version = 3\n', SETTINGS, WRAPPER);
    assert.ok(three.text.includes("[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.grit.options]\n"));
    assert.equal(withoutHandler(addHandler(CONFIG, undefined, SETTINGS, WRAPPER).text), 'version = 3\n');
  });

  it('a configuration without a version is refused with what to do', () => {
    assert.throws(() => addHandler(CONFIG, '[debug]\n', SETTINGS, WRAPPER), { code: 'GRIT_UNSUPPORTED' });
  });

  it('taken away again, every configuration is what it was, to the byte', () => {
    const rest = fc.string({ unit: 'binary' }).filter((text) => !text.includes('# BEGIN grit'));
    const property = fc.property(rest, (text) => {
      const before = `version = 2\n${text}`;
      assert.equal(withoutHandler(addHandler(CONFIG, before, SETTINGS, WRAPPER).text), before);
      assert.equal(withoutHandler(before), before);
    });
    fc.assert(property, { seed: SEED, numRuns: 200 });
  });
});
