/* The choices of rows WT_CONF_SINK_* as numbers, in the order of options.def. */
#ifndef BASE_SINKS_H
#define BASE_SINKS_H

enum wt_sink_type { WT_SINK_SYSLOG, WT_SINK_HEC, WT_SINK_ELASTIC, WT_SINK_FILE };

enum wt_sink_format {
	WT_FORMAT_AUTO,
	WT_FORMAT_CEF,
	WT_FORMAT_LEEF,
	WT_FORMAT_JSON,
	WT_FORMAT_ECS,
};

enum wt_sink_records { WT_RECORDS_ALERTS, WT_RECORDS_HEALTH, WT_RECORDS_DEVICES };

enum wt_sink_transport { WT_TRANSPORT_UDP, WT_TRANSPORT_TCP, WT_TRANSPORT_TLS };

enum wt_sink_syntax { WT_SYNTAX_RFC5424, WT_SYNTAX_RFC3164 };

enum wt_sink_framing { WT_FRAMING_OCTET, WT_FRAMING_LF };

enum wt_sink_leef_delimiter { WT_DELIMITER_TAB, WT_DELIMITER_CARET };

enum wt_sink_ack { WT_ACK_AUTO, WT_ACK_ON, WT_ACK_OFF };

#endif
