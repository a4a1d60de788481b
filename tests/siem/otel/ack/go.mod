module github.com/open-telemetry/opentelemetry-collector-contrib/extension/ackextension

go 1.26.0

require (
	go.opentelemetry.io/collector/component v1.67.0
	go.opentelemetry.io/collector/extension v1.67.0
)
