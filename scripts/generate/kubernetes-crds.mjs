// SPDX-License-Identifier: Apache-2.0
// deploy/kubernetes/crds from the schemas of the API group.
import { customResourceDefinition } from '../../plugins/kubernetes/src/crd/resource-definition.ts';
import { RESOURCE_DEFINITIONS } from '../../plugins/kubernetes/src/crd/resource-definitions.ts';
import { toYaml } from '../process/to-yaml.mjs';
import { writeGenerated } from '../process/write-generated.mjs';

for (const definition of RESOURCE_DEFINITIONS) {
  await writeGenerated(
    `deploy/kubernetes/crds/${definition.type.plural}.yaml`,
    'scripts/generate/kubernetes-crds.mjs',
    toYaml(customResourceDefinition(definition)),
  );
}
