/* Names of Splunk's HTTP event collector that the receiver asks for: paths, headers and
 * the labels under which the exporter's file holds them (see the `replace` of ../go.mod).
 * Source: Splunk's "HTTP Event Collector REST API endpoints"; the receiver's README.
 * Trust: none needed. Memory: constants. */
package splunk

const (
	DefaultRawPath    = "/services/collector/raw"
	DefaultHealthPath = "/services/collector/health"
	DefaultAckPath    = "/services/collector/ack"

	DefaultSourceLabel     = "com.splunk.source"
	DefaultSourceTypeLabel = "com.splunk.sourcetype"
	DefaultIndexLabel      = "com.splunk.index"
	HecTokenLabel          = "com.splunk.hec.access_token"

	HECTokenHeader          = "Splunk"
	HTTPSplunkChannelHeader = "X-Splunk-Request-Channel"
)

// AccessTokenPassthroughConfig: whether the token goes into the file too.
type AccessTokenPassthroughConfig struct {
	AccessTokenPassthrough bool `mapstructure:"access_token_passthrough"`
}

// AckRequest is the body of a query for acknowledgements.
type AckRequest struct {
	Acks []uint64 `json:"acks"`
}
