/* The store of acknowledgements that the Splunk HEC receiver asks: an extension of the
 * OpenTelemetry Collector, under the import path that the receiver expects (see the
 * `replace` of ../go.mod).
 *
 * Our own, for two reasons: an acknowledgement here becomes true only after a delay, as
 * in Splunk, whose indexers confirm later than they accept; and told to, it loses every
 * n-th acknowledgement, so that a client has to send the batch again.
 * Source: the interface of extension/ackextension; Splunk's "About HTTP Event Collector
 * Indexer Acknowledgment": a queried id that is true is forgotten, ids count per channel.
 * Trust: a test peer. Memory: at most idsMax ids of channelsMax channels. */
package ackextension

import (
	"context"
	"sync"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension"
)

const (
	channelsMax = 64
	idsMax      = 65536
)

// AckExtension is what the receiver calls. A partition is a HEC channel.
type AckExtension interface {
	extension.Extension
	// ProcessEvent numbers a request that was taken.
	ProcessEvent(partitionID string) (ackID uint64)
	// Ack notes that what the number stands for is safe.
	Ack(partitionID string, ackID uint64)
	// QueryAcks tells which numbers are acknowledged; those are then forgotten.
	QueryAcks(partitionID string, ackIDs []uint64) map[uint64]bool
}

// Config of the extension.
type Config struct {
	// Delay between taking a batch and acknowledging it.
	Delay time.Duration `mapstructure:"delay"`
	// LoseEvery makes every n-th acknowledgement never come; 0: none.
	LoseEvery uint64 `mapstructure:"lose_every"`
}

type channel struct {
	next uint64
	due  map[uint64]time.Time
}

type store struct {
	config   Config
	mutex    sync.Mutex
	n        uint64
	channels map[string]*channel
}

// NewFactory makes the extension known as "ack".
func NewFactory() extension.Factory {
	return extension.NewFactory(component.MustNewType("ack"),
		func() component.Config { return &Config{Delay: 200 * time.Millisecond} },
		func(_ context.Context, _ extension.Settings, c component.Config) (extension.Extension, error) {
			return &store{config: *c.(*Config), channels: map[string]*channel{}}, nil
		}, component.StabilityLevelDevelopment)
}

func (*store) Start(context.Context, component.Host) error { return nil }
func (*store) Shutdown(context.Context) error              { return nil }

// The channel, made when new; one is thrown out when there are too many.
func (s *store) channelOf(name string) *channel {
	at, found := s.channels[name]
	if !found {
		if len(s.channels) >= channelsMax {
			for other := range s.channels {
				delete(s.channels, other)
				break
			}
		}
		at = &channel{due: map[uint64]time.Time{}}
		s.channels[name] = at
	}
	return at
}

func (s *store) ProcessEvent(partitionID string) uint64 {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	at := s.channelOf(partitionID)
	id := at.next
	at.next++
	return id
}

func (s *store) Ack(partitionID string, ackID uint64) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.n++
	at := s.channelOf(partitionID)
	if len(at.due) >= idsMax || (s.config.LoseEvery > 0 && s.n%s.config.LoseEvery == 0) {
		return
	}
	at.due[ackID] = time.Now().Add(s.config.Delay)
}

func (s *store) QueryAcks(partitionID string, ackIDs []uint64) map[uint64]bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	at := s.channelOf(partitionID)
	now := time.Now()
	answer := make(map[uint64]bool, len(ackIDs))
	for _, id := range ackIDs {
		due, found := at.due[id]
		answer[id] = found && !now.Before(due)
		if answer[id] {
			delete(at.due, id)
		}
	}
	return answer
}
