{{/* A Job of a hook with an account of its own. Given: root, name, hook, env. */}}
{{- define "grit.cleanUp" -}}
{{- $hook := dict "helm.sh/hook" .hook "helm.sh/hook-delete-policy" "before-hook-creation,hook-succeeded,hook-failed" }}
{{- $metadata := dict "name" .name "namespace" .root.Release.Namespace "annotations" $hook "labels" (include "grit.labels" .root | fromYaml) }}
apiVersion: v1
kind: ServiceAccount
metadata: {{- toYaml $metadata | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {{- toYaml $metadata | nindent 2 }}
rules: {{- toYaml .rules | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{- toYaml $metadata | nindent 2 }}
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: {{ .name }} }
subjects:
  - { kind: ServiceAccount, name: {{ .name }}, namespace: {{ .root.Release.Namespace }} }
---
apiVersion: batch/v1
kind: Job
metadata: {{- toYaml $metadata | nindent 2 }}
spec:
  backoffLimit: 3
  activeDeadlineSeconds: 600
  template:
    metadata:
      labels: { app.kubernetes.io/part-of: grit, app.kubernetes.io/component: {{ .name | trimPrefix "grit-" }} }
    spec:
      serviceAccountName: {{ .name }}
      restartPolicy: Never
      {{- include "grit.pull" .root | nindent 6 }}
      securityContext:
        runAsNonRoot: true
        runAsUser: 65532
        runAsGroup: 65532
        seccompProfile: { type: RuntimeDefault }
      containers:
        - name: hook
          image: {{ include "grit.image" .root }}
          imagePullPolicy: {{ .root.Values.image.pullPolicy }}
          command: [node, /usr/local/lib/grit/{{ .name | trimPrefix "grit-" }}.mjs]
          env:
            - { name: NAMESPACE, value: {{ .root.Release.Namespace }} }
            - { name: DIRECTORY, value: {{ .root.Values.agent.directory }} }
            - { name: NODE_EXTRA_CA_CERTS, value: /var/run/secrets/kubernetes.io/serviceaccount/ca.crt }
          resources:
            requests: { cpu: 10m, memory: 64Mi }
            limits: { memory: 256Mi }
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: { drop: [ALL] }
{{- end }}
