{{/* thapcanh.toml of each part. @POD_IP@ is put in by the pod's first container. */}}
{{- define "thapcanh.config.shared" -}}
[site]
name = {{ .Values.site.name | toJson }}
locale = {{ .Values.site.locale | toJson }}
data_dir = "/var/lib/thapcanh"
cache_dir = "/var/cache/thapcanh"

[queue]
{{- $scheme := ternary "rediss" "redis" .Values.queue.tls }}
{{- $ca := ternary "?ssl_ca_certs=/etc/thapcanh/ca/ca.crt" "" (and .Values.queue.tls (ne .Values.caConfigMap "")) }}
{{- if .Values.queue.sentinels }}
url = "{{ $scheme }}://:${file:/run/secrets/queue_password}@{{ .Values.queue.service }}/0{{ $ca }}"
sentinels = [
{{- range .Values.queue.sentinels }}
    "{{ $scheme }}://:${file:/run/secrets/sentinel_password}@{{ . }}{{ $ca }}",
{{- end }}
]
{{- else }}
url = "{{ $scheme }}://:${file:/run/secrets/queue_password}@{{ .Values.queue.host }}:{{ .Values.queue.port }}/0{{ $ca }}"
{{- end }}
replicas = {{ .Values.queue.replicas }}

[evidence]
store = {{ .Values.evidence.store | toJson }}
{{- if eq .Values.evidence.store "s3" }}

[evidence.s3]
endpoint = {{ .Values.evidence.s3.endpoint | toJson }}
bucket = {{ .Values.evidence.s3.bucket | toJson }}
prefix = {{ .Values.evidence.s3.prefix | toJson }}
region = {{ .Values.evidence.s3.region | toJson }}
path_style = {{ .Values.evidence.s3.pathStyle }}
key_id = "${file:/run/secrets/s3_key_id}"
secret = "${file:/run/secrets/s3_secret}"
{{- if .Values.caConfigMap }}
ca = "/etc/thapcanh/ca/ca.crt"
{{- end }}
{{- end }}

[log]
format = "json"
{{- end -}}

{{/* (dict "root" $ "head" ADDRESS) */}}
{{- define "thapcanh.config.cluster" -}}
[cluster]
head = "{{ .head }}:{{ .root.Values.head.port }}"
token_file = "/run/secrets/cluster_token"
cameras_per_worker = {{ .root.Values.head.camerasPerWorker }}
{{- end -}}

{{- define "thapcanh.config.archive" -}}
[archive]
{{- $ca := ternary "&sslrootcert=/etc/thapcanh/ca/ca.crt" "" (ne .Values.caConfigMap "") }}
url = "postgresql+psycopg://{{ .Values.archive.user }}:${file:/run/secrets/archive_password}@{{ .Values.archive.host }}:{{ .Values.archive.port }}/{{ .Values.archive.database }}?sslmode={{ .Values.archive.sslmode }}{{ $ca }}"
log_key = "/var/lib/thapcanh/log.key"

[registry]
source = "database"
{{- end -}}

{{- define "thapcanh.config.centre" -}}
{{ include "thapcanh.config.shared" . }}

[centre]
host = "@POD_IP@"
port = {{ .Values.centre.port }}
behind_tls = true
proxies = {{ .Values.centre.proxies | toJson }}
names = [{{ .Values.centre.host | toJson }}]
public_url = "https://{{ .Values.centre.host }}"
second_factor_key = "/run/secrets/second_factor_key"

{{ include "thapcanh.config.archive" . }}

{{ .Values.config }}

{{ .Values.centreConfig }}
{{- end -}}

{{- define "thapcanh.config.head" -}}
{{ include "thapcanh.config.shared" . }}

{{ include "thapcanh.config.cluster" (dict "root" . "head" "@POD_IP@") }}

{{ include "thapcanh.config.archive" . }}

{{ .Values.config }}

{{ .Values.centreConfig }}
{{- end -}}

{{- define "thapcanh.config.node" -}}
{{ include "thapcanh.config.shared" . }}

{{ include "thapcanh.config.cluster" (dict "root" . "head" (printf "%s-head.%s.svc" (include "thapcanh.name" .) .Release.Namespace)) }}

[registry]
source = "fleet"

{{ .Values.config }}
{{- end -}}
