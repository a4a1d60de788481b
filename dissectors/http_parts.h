/* What the files of the HTTP dissector share: state of a flow, one call, who does what.
 * Trust: every slice is hostile bytes. Memory: struct http_state per flow. */
#ifndef HTTP_PARTS_H
#define HTTP_PARTS_H

#include "http_fields.h"

#define HTTP_HEAD_MAX 16384u /* header bytes taken at once; what is more, line by line */
#define HTTP_LINE_MAX 4096u  /* longest line outside of that */
#define HTTP_BODY_MAX 4096u  /* first bytes of a body that are looked at */
#define HTTP_RAW_MAX 6144u   /* the same with chunk headers in between */
#define HTTP_PENDING_MAX 32u /* requests that wait for their responses */

enum http_phase {
	HTTP_AT_START, /* a message begins */
	HTTP_AT_TAIL,  /* lines of a header longer than HTTP_HEAD_MAX */
	HTTP_AT_BODY,  /* the body's first bytes */
	HTTP_AT_SIZE,  /* chunk header */
	HTTP_AT_CRLF,  /* behind a chunk's data */
	HTTP_AT_TRAILER,
	HTTP_AT_RAW, /* nothing more is understood in this direction */
};

enum http_framing { HTTP_NO_BODY, HTTP_LENGTH, HTTP_CHUNKED, HTTP_UNTIL_CLOSE };

enum http_method_class { HTTP_OTHER, HTTP_HEAD, HTTP_CONNECT, HTTP_UNKNOWN };

enum http_service {
	HTTP_PLAIN,
	HTTP_QIDO,
	HTTP_WADO,
	HTTP_WADO_URI,
	HTTP_STOW,
	HTTP_UPS,
	HTTP_FHIR,
	HTTP_SOAP,
	HTTP_IHE_PCD,
	HTTP_IHE_ITI,
	HTTP_SDC,
	HTTP_DPWS,
	HTTP_ONVIF,
	HTTP_UPNP,
	HTTP_IPP,
	HTTP_WEBDAV,
	HTTP_WEBSOCKET,
	HTTP_OCSP,
	HTTP_DOH,
	HTTP_GRPC,
	HTTP_N_SERVICES,
};

/* What the body is, as far as its first bytes are looked into. */
enum http_content {
	HTTP_ANY,
	HTTP_JSON,
	HTTP_XML,
	HTTP_IPP_BODY,
	HTTP_MULTIPART,
	HTTP_STREAMING, /* may not end for hours: the event does not wait for it */
};

struct http_dir {
	uint64_t length;
	uint8_t phase;   /* enum http_phase */
	uint8_t framing; /* enum http_framing */
	uint8_t service; /* enum http_service */
	uint8_t content; /* enum http_content */
	uint8_t event;
	uint8_t method;  /* enum http_method_class: of the request, or answered */
	uint16_t status; /* 0: a request */
	bool is_open;    /* an event is */
	bool has_length;
	bool is_chunked;
	bool is_bad_length;
	bool is_upgrade;
	bool is_close;
	bool is_named;    /* file.name was put */
	bool is_mid_line; /* in HTTP_AT_TAIL: behind a cut line's beginning */
	bool has_said_lf; /* bare line feeds, once */
	bool is_fhir_type;
	bool is_dicom_type;
};

struct http_state {
	struct http_dir dir[2];
	uint8_t pending[HTTP_PENDING_MAX]; /* method class, service << 2 */
	uint8_t first, n_pending;
	bool is_lost;   /* pending is not to be trusted */
	bool is_h2;     /* HTTP/2: both directions are passed over */
	bool is_simple; /* HTTP/0.9: the response is bytes */
	bool is_tunnel; /* CONNECT or Upgrade was asked for */
};

struct http_call {
	struct http_state *state;
	struct http_dir *q;
	struct wt_out *out;
	enum wt_direction dir;
	unsigned event;
	bool is_end;
	bool is_told; /* the event is complete; what is left of the body may follow */
};

/* What the first bytes are. */
enum http_opening {
	HTTP_OPEN_NO,
	HTTP_OPEN_MORE,
	HTTP_OPEN_REQUEST,
	HTTP_OPEN_RESPONSE,
	HTTP_OPEN_H2,      /* RFC 9113 3.4: the client's preface */
	HTTP_OPEN_H2_BACK, /* the server's first SETTINGS */
};

/* http_head.c: is_strict asks for the whole start line. Then the header. */
enum http_opening http_opening(struct wt_slice s, bool is_strict);
size_t http_find_opening(struct wt_slice s, size_t from);
/* Method, target and version of a request line; false when it is none. */
struct http_line {
	struct wt_slice method, target, version;
};
bool http_request_line(struct wt_slice line, struct http_line *parts);
/* Takes the next line from *rest, without its end; is_bare when CR was missing. False
 * when there is no whole one. */
bool http_take_line(struct wt_slice *rest, struct wt_slice *line, bool *is_bare);
void http_request(struct http_call *c, struct wt_slice line);
void http_response(struct http_call *c, struct wt_slice line);
/* The header's lines. */
void http_headers(struct http_call *c, struct wt_slice block);
void http_header_line(struct http_call *c, struct wt_slice line);

/* http_field.c: one header. */
void http_take_field(struct http_call *c, struct wt_slice name, struct wt_slice value);

/* http_text.c */
bool http_same(struct wt_slice a, const char *word);     /* whatever the case */
bool http_starts(struct wt_slice s, const char *word);   /* whatever the case */
size_t http_search(struct wt_slice s, const char *word); /* whatever the case, or s.len */
bool http_has(struct wt_slice s, const char *word);
struct wt_slice http_trim(struct wt_slice s);
/* Value of a parameter ("realm", "filename") in a header value, without quotes. */
struct wt_slice http_parameter(struct wt_slice value, const char *name);
void http_normalise(struct wt_slice target, struct wt_builder *into);
void http_base64(struct wt_slice text, struct wt_builder *into);

/* http_service.c */
const char *http_service_name(enum http_service service);
void http_see_target(struct http_call *c, struct wt_slice method, struct wt_slice uri);
void http_see_action(struct http_call *c, struct wt_slice action);
void http_see_type(struct http_call *c, struct wt_slice type);

/* http_body.c: `body` is the first bytes, is_whole when there are no more. */
void http_body(struct http_call *c, struct wt_slice body, bool is_whole);
void http_put_file_name(struct http_call *c, struct wt_slice name);
void http_put_host(struct http_call *c, struct wt_slice name);

/* http_chunk.c: chunk headers off. What dechunking the beginning came to. */
enum http_chunk_result { HTTP_CHUNK_MORE, HTTP_CHUNK_FULL, HTTP_CHUNK_END, HTTP_CHUNK_BAD };
enum http_chunk_result http_dechunk(struct wt_slice raw, struct wt_builder *into, size_t *need);
enum wt_verdict http_chunks(struct http_call *c, struct wt_reader *r);

/* http_identity.c: who the equipment is, as its documents say. */
void http_identity(struct http_call *c, struct wt_slice body);

#endif
