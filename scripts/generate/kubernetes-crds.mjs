// SPDX-License-Identifier: Apache-2.0
// deploy/kubernetes/crds from the schemas of the API group, and the same for the chart.
import { customResourceDefinition } from '../../plugins/kubernetes/src/crd/resource-definition.ts';
import { RESOURCE_DEFINITIONS } from '../../plugins/kubernetes/src/crd/resource-definitions.ts';
import { toYaml } from '../process/to-yaml.mjs';
import { writeGenerated } from '../process/write-generated.mjs';

for (const definition of RESOURCE_DEFINITIONS) {
  for (const folder of ['deploy/kubernetes/crds', 'deploy/helm/grit/files/crds']) {
    await writeGenerated(
      `${folder}/${definition.type.plural}.yaml`,
      'scripts/generate/kubernetes-crds.mjs',
      toYaml(customResourceDefinition(definition)),
    );
  }
}
