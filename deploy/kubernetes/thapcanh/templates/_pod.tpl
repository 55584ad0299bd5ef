{{/* What all pods have in common. */}}
{{- define "thapcanh.pod.security" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 990
  runAsGroup: 990
  fsGroup: 990
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: { type: RuntimeDefault }
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "thapcanh.container.security" -}}
image: {{ include "thapcanh.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end -}}

{{/* A changed configuration starts pods again; (dict "root" $ "part" NAME "group" NAME). */}}
{{- define "thapcanh.pod.metadata" -}}
labels:
  {{- include "thapcanh.labels" .root | nindent 2 }}
  app.kubernetes.io/component: {{ .part }}
  {{- with .group }}
  thapcanh/group: {{ . }}
  {{- end }}
annotations:
  thapcanh/configuration: {{ include (printf "thapcanh.config.%s" .part) .root | sha256sum }}
{{- end -}}

{{/* Mounted secrets are others' files and readable by a group: our own copies are ours alone, in memory.
     What writes acts has the key of their log beside its data, where the log's end is kept too.
     (dict "root" $ "signs" BOOLEAN) */}}
{{- define "thapcanh.container.first" -}}
- name: configuration
  {{- include "thapcanh.container.security" .root | nindent 2 }}
  command: [/bin/sh, -euc]
  args:
    - |
      umask 077
      for given in /run/given/secrets/*; do cat "$given" > "/run/secrets/${given##*/}"; done
      {{- if .signs }}
      mv /run/secrets/log_key /var/lib/thapcanh/log.key
      {{- end }}
      sed "s/@POD_IP@/$POD_IP/" /run/given/thapcanh.toml > /run/thapcanh/thapcanh.toml
  env:
    - name: POD_IP
      valueFrom: { fieldRef: { fieldPath: status.podIP } }
  resources:
    requests: { cpu: 10m, memory: 16Mi }
    limits: { memory: 64Mi }
  volumeMounts:
    - { name: given, mountPath: /run/given, readOnly: true }
    - { name: secrets, mountPath: /run/secrets }
    - { name: configuration, mountPath: /run/thapcanh }
    {{- if .signs }}
    - { name: data, mountPath: /var/lib/thapcanh }
    {{- end }}
{{- end -}}

{{- define "thapcanh.mounts" -}}
- { name: secrets, mountPath: /run/secrets, readOnly: true }
- { name: configuration, mountPath: /run/thapcanh, readOnly: true }
- { name: tmp, mountPath: /tmp }
{{- if .Values.caConfigMap }}
- { name: ca, mountPath: /etc/thapcanh/ca, readOnly: true }
{{- end }}
{{- if eq .Values.evidence.store "folder" }}
- { name: evidence, mountPath: /var/lib/thapcanh/evidence }
{{- end }}
{{- end -}}

{{/* (dict "root" $ "part" NAME "keys" LIST) */}}
{{- define "thapcanh.volumes" -}}
{{- $keys := concat .keys (ternary (list "s3_key_id" "s3_secret") list (eq .root.Values.evidence.store "s3")) -}}
{{- if .root.Values.queue.sentinels }}{{ $keys = append $keys "sentinel_password" }}{{ end -}}
- name: given
  projected:
    defaultMode: 0440
    sources:
      - configMap:
          name: {{ include "thapcanh.name" .root }}-configuration
          items: [{ key: {{ .part }}.toml, path: thapcanh.toml }]
      - secret:
          name: {{ .root.Values.existingSecret }}
          items:
          {{- range concat (list "queue_password") $keys | uniq }}
            - { key: {{ . }}, path: secrets/{{ . }} }
          {{- end }}
- name: secrets
  emptyDir: { medium: Memory, sizeLimit: 1Mi }
- name: configuration
  emptyDir: { medium: Memory, sizeLimit: 8Mi }
- name: tmp
  emptyDir: {}
{{- with .root.Values.caConfigMap }}
- name: ca
  configMap: { name: {{ . }}, items: [{ key: ca.crt, path: ca.crt }] }
{{- end }}
{{- if eq .root.Values.evidence.store "folder" }}
- name: evidence
  persistentVolumeClaim: { claimName: {{ .root.Values.evidence.sharedClaim }} }
{{- end }}
{{- end -}}

{{- define "thapcanh.placed" -}}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Whether a main loop runs: the newest of the files that match is young. (dict "files" GLOB) */}}
{{- define "thapcanh.beats" -}}
exec:
  command:
    - python
    - -c
    - "import glob,os,sys,time; sys.exit(time.time() - max(map(os.path.getmtime, glob.glob('{{ .files }}')), default=0) > 60)"
{{- end -}}
