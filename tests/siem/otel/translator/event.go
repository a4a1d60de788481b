/* A HEC event as the receiver reads it (see the `replace` of ../go.mod). Events alone:
 * no metric comes from a sensor.
 * Source: Splunk's "Format events for HTTP Event Collector": keys time, host, source,
 * sourcetype, index, event, fields; time is a number or a text.
 * Trust: the JSON decoder bounds nothing; the receiver's server does. Memory: its. */
package splunk

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// HecToOtelAttrs: under which attribute a key of an event is written.
type HecToOtelAttrs struct {
	Source     string `mapstructure:"source"`
	SourceType string `mapstructure:"sourcetype"`
	Index      string `mapstructure:"index"`
	Host       string `mapstructure:"host"`
}

// Event is one object of a request.
type Event struct {
	Time       float64        `json:"time,omitempty"`
	Host       string         `json:"host"`
	Source     string         `json:"source,omitempty"`
	SourceType string         `json:"sourcetype,omitempty"`
	Index      string         `json:"index,omitempty"`
	Event      any            `json:"event"`
	Fields     map[string]any `json:"fields,omitempty"`
}

// IsMetric: Splunk knows a metric by the text "metric" as its event.
func (e *Event) IsMetric() bool {
	return e.Event == "metric"
}

// GetMetricValues: none, see above.
func (*Event) GetMetricValues() map[string]any {
	return nil
}

// UnmarshalJSON takes the time as Splunk does: 1426279439.5 or "1426279439.5".
func (e *Event) UnmarshalJSON(text []byte) error {
	type plain Event
	read := struct {
		Time any `json:"time"`
		*plain
	}{plain: (*plain)(e)}
	if err := json.Unmarshal(text, &read); err != nil {
		return err
	}
	switch at := read.Time.(type) {
	case nil:
		e.Time = 0
	case float64:
		e.Time = at
	case string:
		seconds, err := strconv.ParseFloat(at, 64)
		if err != nil {
			return fmt.Errorf("time %q is no number of seconds", at)
		}
		e.Time = seconds
	default:
		return fmt.Errorf("time is neither a number nor a text")
	}
	return nil
}
