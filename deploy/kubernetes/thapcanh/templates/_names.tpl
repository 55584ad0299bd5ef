{{/* Names, labels and what must be given. */}}
{{- define "thapcanh.name" -}}
{{- .Release.Name | trunc 24 | trimSuffix "-" -}}
{{- end -}}

{{- define "thapcanh.labels" -}}
app.kubernetes.io/name: thapcanh
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{/* (dict "root" $ "part" NAME): what tells the pods of one part. */}}
{{- define "thapcanh.selector" -}}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end -}}

{{- define "thapcanh.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}

{{/* Everything that is missing, in one message. */}}
{{- define "thapcanh.check" -}}
{{- $missing := list -}}
{{- with .Values -}}
{{- if not .image.repository }}{{ $missing = append $missing "image.repository (what deploy/Dockerfile builds, in your registry)" }}{{ end -}}
{{- if not .existingSecret }}{{ $missing = append $missing "existingSecret (a Secret with queue_password, archive_password, cluster_token, second_factor_key, log_key)" }}{{ end -}}
{{- if not (or .queue.host .queue.sentinels) }}{{ $missing = append $missing "queue.host or queue.sentinels" }}{{ end -}}
{{- if not .archive.host }}{{ $missing = append $missing "archive.host (PostgreSQL)" }}{{ end -}}
{{- if not .centre.host }}{{ $missing = append $missing "centre.host (the name that desks open)" }}{{ end -}}
{{- if not .centre.proxies }}{{ $missing = append $missing "centre.proxies (networks of the ingress controller)" }}{{ end -}}
{{- if not .ingress.tlsSecret }}{{ $missing = append $missing "ingress.tlsSecret (the certificate)" }}{{ end -}}
{{- if not .networkPolicy.nodeCidrs }}{{ $missing = append $missing "networkPolicy.nodeCidrs (the machines' own network)" }}{{ end -}}
{{- if not .nodeGroups }}{{ $missing = append $missing "nodeGroups (no machine would watch)" }}{{ end -}}
{{- if eq .evidence.store "s3" -}}
{{- if not (and .evidence.s3.endpoint .evidence.s3.bucket) }}{{ $missing = append $missing "evidence.s3.endpoint and evidence.s3.bucket" }}{{ end -}}
{{- else if not .evidence.sharedClaim }}{{ $missing = append $missing "evidence.sharedClaim (a ReadWriteMany claim)" }}{{ end -}}
{{- end -}}
{{- if $missing }}{{ fail (printf "set these values: %s" (join "; " $missing)) }}{{ end -}}
{{- $names := list -}}
{{- range .Values.nodeGroups -}}
{{- if has .name $names }}{{ fail (printf "nodeGroups: two groups are called %s" .name) }}{{ end -}}
{{- $names = append $names .name -}}
{{- end -}}
{{- end -}}
