module github.com/open-telemetry/opentelemetry-collector-contrib/internal/splunk

go 1.26.0
