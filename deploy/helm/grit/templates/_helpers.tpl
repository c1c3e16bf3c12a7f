{{- define "grit.labels" -}}
app.kubernetes.io/part-of: grit
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "grit.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "grit.pull" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end }}

{{- define "grit.passwordSecret" -}}
{{ .Values.redis.passwordSecret.name | default "grit-redis" }}
{{- end }}

{{/* Whether there is a password: a Redis of somebody else may have none. */}}
{{- define "grit.hasPassword" -}}
{{- if or .Values.redis.enabled .Values.redis.passwordSecret.name }}yes{{ end }}
{{- end }}

{{/* The queue in grit.yaml. The address of our own Redis comes from the environment, because nodes do not know the names of Services. */}}
{{- define "grit.queue" -}}
{{- $redis := .Values.redis }}
{{- $scheme := ternary "rediss" "redis" $redis.tls.enabled }}
redis:
  url: {{ if $redis.enabled }}{{ $scheme }}://${GRIT_REDIS_SERVICE_HOST}:6379{{ else }}{{ required "redis.url is needed where redis.enabled is false" $redis.url }}{{ end }}
  {{- if include "grit.hasPassword" . }}
  username: {{ $redis.username }}
  passwordFrom: { env: GRIT_REDIS_PASSWORD }
  {{- end }}
  {{- if $redis.tls.secretName }}
  tls: { caFrom: { env: GRIT_REDIS_CA } }
  {{- end }}
{{- end }}

{{- define "grit.queueEnvironment" -}}
{{- if include "grit.hasPassword" . }}
- name: GRIT_REDIS_PASSWORD
  valueFrom: { secretKeyRef: { name: {{ include "grit.passwordSecret" . }}, key: {{ .Values.redis.passwordSecret.key }} } }
{{- end }}
{{- with .Values.redis.tls.secretName }}
- name: GRIT_REDIS_CA
  valueFrom: { secretKeyRef: { name: {{ . }}, key: ca.crt } }
{{- end }}
{{- end }}

{{/* The plugin in grit.yaml of the servers. What only they need is not in that of the agents, which start anew when theirs changes. */}}
{{- define "grit.serverConfig" -}}
{{- $profiles := dict }}
{{- if .Values.gpuProfiles.enabled }}
{{- $profiles = dict "gpuProfiles" .Values.gpuProfiles }}
{{- end }}
{{- mergeOverwrite (deepCopy $profiles) (include "grit.kubernetesConfig" . | fromYaml) | toYaml }}
{{- end }}

{{/* The plugin in grit.yaml of the agents, which see the files of their pod at another place: grit-node says where. */}}
{{- define "grit.agentConfig" -}}
{{- $secrets := dict }}
{{- if .Values.agent.storeSecrets }}
{{- $secrets = dict "secretsDirectory" "${GRIT_SECRETS}" }}
{{- end }}
{{- mergeOverwrite (deepCopy $secrets) (include "grit.kubernetesConfig" . | fromYaml) | toYaml }}
{{- end }}

{{/* The plugin in grit.yaml, the same for server and agent. */}}
{{- define "grit.kubernetesConfig" -}}
{{- $claim := dict "image" .Values.claim.image "pullPolicy" .Values.image.pullPolicy "pullSecrets" .Values.imagePullSecrets }}
{{- $own := dict "namespace" .Release.Namespace "claimPod" $claim "webhook" (dict "port" (int .Values.webhook.port)) }}
{{- if .Values.webhook.certificateSecret }}
{{- $_ := set $own "certificates" (dict "mode" "provided" "directory" "/etc/grit-certificate") }}
{{- end }}
{{- mergeOverwrite $own (deepCopy .Values.server.config) | toYaml }}
{{- end }}

{{- define "grit.runtimeConfig" -}}
{{- $wrapper := printf "%s/runc-grit" .Values.agent.directory }}
{{- $own := dict "containerd" "${GRIT_CONTAINERD}" "runc" "${GRIT_RUNC}" "runDirectory" "/run/grit" "wrapper" $wrapper "kubeletDirectory" .Values.agent.kubeletDirectory }}
{{- mergeOverwrite $own (deepCopy .Values.agent.config) | toYaml }}
{{- end }}
