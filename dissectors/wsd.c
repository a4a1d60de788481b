/* WS-Discovery: devices say Hello and Bye, and are probed for, in SOAP over UDP. IEEE
 * 11073 SDC devices tell their bed that way, in clear, before any TLS.
 *
 * The XML is walked once, without a tree: the local names of the open elements are kept
 * as numbers, and the text of the few that matter is taken. Prefixes are not resolved;
 * the edition is known from the action's URI. Declarations of entities are refused.
 * Source: WS-Discovery 1.1 (2009/01) and 2005/04, SOAP-over-UDP 1.1, IEEE 11073-20702.
 * Trust: every byte is hostile. Memory: struct walk on the stack. */
#include "wsd_fields.h"

static const struct wt_field fields[] = { WSD_FIELDS(WT_FIELD_ROW) };

static const struct wt_event_type events[] = {
	{ "wsd", "A WS-Discovery message: a device appears, leaves, is sought or found." },
};

#define DEPTH_MAX 32u
#define WORDS_MAX 32u

enum element {
	OTHER,
	ACTION,
	MESSAGE_ID,
	RELATES_TO,
	ENDPOINT_REFERENCE,
	ADDRESS,
	TYPES,
	SCOPES,
	XADDRS,
	METADATA_VERSION,
};

struct walk {
	struct wt_out *out;
	unsigned event, depth;
	uint8_t stack[DEPTH_MAX]; /* enum element of each open element */
	bool has_action;
};

static const char editions[][48] = {
	"schemas.xmlsoap.org/ws/2005/04/discovery",
	"docs.oasis-open.org/ws-dd/ns/discovery/2009/01",
};

/* --- probe --- */

static enum wt_verdict probe(struct wt_slice head)
{
	size_t at = 0, i;

	if (wt_slice_starts(head, WT_LIT("\xef\xbb\xbf")))
		at = 3;
	while (at < head.len && at < 16 && head.ptr[at] <= ' ')
		at++;
	if (at + 1 >= head.len || head.ptr[at] != '<' ||
	    wt_slice_search(head, WT_LIT("Envelope")) == head.len)
		return WT_FOREIGN;
	for (i = 0; i < sizeof(editions) / sizeof(editions[0]); i++)
		if (wt_slice_search(head, wt_slice_text(editions[i])) < head.len)
			return WT_OK;
	return WT_FOREIGN;
}

/* --- text of elements --- */

static struct wt_slice strip(struct wt_slice s)
{
	while (s.len && s.ptr[0] <= ' ')
		s = wt_slice_tail(s, 1);
	while (s.len && s.ptr[s.len - 1] <= ' ')
		s.len--;
	return s;
}

static void take_action(struct walk *w, struct wt_slice text)
{
	size_t i, at = text.len;

	if (wt_slice_search(text, wt_slice_text(editions[0])) < text.len)
		put_VERSION(w->out, w->event, WT_LIT("2005/04"));
	else if (wt_slice_search(text, wt_slice_text(editions[1])) < text.len)
		put_VERSION(w->out, w->event, WT_LIT("2009/01"));
	for (i = 0; i < text.len; i++)
		if (text.ptr[i] == '/')
			at = i;
	put_ACTION(w->out, w->event, wt_slice_tail(text, at + 1));
	w->has_action = true;
}

static void take_types(struct walk *w, struct wt_slice text)
{
	unsigned i;

	for (i = 0; i < WORDS_MAX; i++) {
		struct wt_slice word = wt_wsd_word(&text);
		size_t at = wt_slice_find(word, ':');

		if (!word.len)
			return;
		if (at < word.len)
			word = wt_slice_tail(word, at + 1);
		put_TYPE(w->out, w->event, word);
		if (wt_slice_equal(word, WT_LIT("MedicalDevice")))
			put_IS_MEDICAL(w->out, w->event, true);
	}
}

static void take_scopes(struct walk *w, struct wt_slice text)
{
	unsigned i;

	for (i = 0; i < WORDS_MAX; i++) {
		struct wt_slice word = wt_wsd_word(&text);

		if (!word.len)
			return;
		wt_wsd_scope(w->out, w->event, word);
	}
}

static void take_xaddrs(struct walk *w, struct wt_slice text)
{
	unsigned i;

	for (i = 0; i < WORDS_MAX; i++) {
		struct wt_slice word = wt_wsd_word(&text), host;
		size_t at = wt_slice_search(word, WT_LIT("://"));

		if (!word.len)
			return;
		put_XADDR(w->out, w->event, word);
		host = wt_slice_tail(word, at + 3);
		put_XADDR_HOST(w->out, w->event, wt_slice_head(host, wt_slice_find(host, '/')));
		if (wt_slice_starts(word, WT_LIT("http://")))
			put_IS_CLEARTEXT(w->out, w->event, true);
	}
}

/* "urn:uuid:", "uuid:" or nothing, then 32 hex digits: other ids may be anything. */
static bool is_uuid(struct wt_slice s)
{
	size_t i, n = 0;

	if (wt_slice_starts(s, WT_LIT("urn:")))
		s = wt_slice_tail(s, 4);
	if (wt_slice_starts(s, WT_LIT("uuid:")))
		s = wt_slice_tail(s, 5);
	for (i = 0; i < s.len; i++) {
		uint8_t c = s.ptr[i] | 0x20;

		if ((s.ptr[i] >= '0' && s.ptr[i] <= '9') || (c >= 'a' && c <= 'f'))
			n++;
		else if (s.ptr[i] != '-')
			return false;
	}
	return n == 32;
}

static void take_text(struct walk *w, struct wt_slice text)
{
	enum element element = w->depth && w->depth <= DEPTH_MAX
				       ? (enum element)w->stack[w->depth - 1]
				       : OTHER;
	uint64_t number;

	text = strip(text);
	if (!text.len)
		return;
	switch (element) {
	case ACTION:
		take_action(w, text);
		break;
	case MESSAGE_ID:
		if (is_uuid(text))
			put_MESSAGE_ID(w->out, w->event, text);
		break;
	case RELATES_TO:
		if (is_uuid(text))
			put_RELATES_TO(w->out, w->event, text);
		break;
	case ADDRESS:
		if (w->depth > 1 && w->stack[w->depth - 2] == ENDPOINT_REFERENCE)
			put_ENDPOINT(w->out, w->event, text);
		break;
	case TYPES:
		take_types(w, text);
		break;
	case SCOPES:
		take_scopes(w, text);
		break;
	case XADDRS:
		take_xaddrs(w, text);
		break;
	case METADATA_VERSION:
		if (wt_slice_to_u64(text, &number))
			put_METADATA_VERSION(w->out, w->event, number);
		break;
	case ENDPOINT_REFERENCE:
	case OTHER:
		break;
	}
}

/* --- tags --- */

static enum element element_of(struct wt_slice name)
{
	static const char *const names[] = {
		[ACTION] = "Action",
		[MESSAGE_ID] = "MessageID",
		[RELATES_TO] = "RelatesTo",
		[ENDPOINT_REFERENCE] = "EndpointReference",
		[ADDRESS] = "Address",
		[TYPES] = "Types",
		[SCOPES] = "Scopes",
		[XADDRS] = "XAddrs",
		[METADATA_VERSION] = "MetadataVersion",
	};
	size_t i, at = wt_slice_find(name, ':');

	if (at < name.len)
		name = wt_slice_tail(name, at + 1);
	for (i = 1; i < sizeof(names) / sizeof(names[0]); i++)
		if (wt_slice_equal(name, wt_slice_text(names[i])))
			return (enum element)i;
	return OTHER;
}

/* Length of the tag after '<', without '>'; quoted values may hold one. */
static size_t tag_len(struct wt_slice s)
{
	uint8_t quote = 0;
	size_t i;

	for (i = 0; i < s.len; i++) {
		if (quote)
			quote = s.ptr[i] == quote ? 0 : quote;
		else if (s.ptr[i] == '"' || s.ptr[i] == '\'')
			quote = s.ptr[i];
		else if (s.ptr[i] == '>')
			return i;
	}
	return s.len;
}

static void take_tag(struct walk *w, struct wt_slice tag)
{
	struct wt_slice name = tag;
	size_t i;

	if (tag.len && tag.ptr[0] == '/') {
		if (w->depth)
			w->depth--;
		return;
	}
	for (i = 0; i < tag.len && tag.ptr[i] > ' ' && tag.ptr[i] != '/'; i++)
		continue;
	name.len = i;
	if (tag.len && tag.ptr[tag.len - 1] == '/')
		return;
	if (w->depth < DEPTH_MAX)
		w->stack[w->depth] = (uint8_t)element_of(name);
	w->depth++;
}

/* What begins with "<!" or "<?": its length, or 0 for what no message may hold. */
static size_t special_len(struct wt_slice s)
{
	static const char comment_end[] = "-->", instruction_end[] = "?>";

	if (wt_slice_starts(s, WT_LIT("<!--")))
		return wt_slice_search(s, wt_slice_of(comment_end, 3)) + 3;
	if (wt_slice_starts(s, WT_LIT("<?")))
		return wt_slice_search(s, wt_slice_of(instruction_end, 2)) + 2;
	return 0;
}

/* Returns whether the message ended where it should. */
static bool walk(struct walk *w, struct wt_slice s)
{
	while (s.len) {
		size_t at = wt_slice_find(s, '<');

		take_text(w, wt_slice_head(s, at));
		s = wt_slice_tail(s, at);
		if (s.len < 2)
			break;
		if (s.ptr[1] == '!' || s.ptr[1] == '?') {
			size_t len = special_len(s);

			if (!len) {
				wt_out_glitch(w->out, "declaration_in_message");
				return true;
			}
			s = wt_slice_tail(s, len);
			continue;
		}
		s = wt_slice_tail(s, 1);
		at = tag_len(s);
		if (at == s.len)
			return false;
		take_tag(w, wt_slice_head(s, at));
		s = wt_slice_tail(s, at + 1);
	}
	return w->depth == 0;
}

static enum wt_verdict message(void *state, enum wt_direction dir, struct wt_reader *r,
			       struct wt_out *out)
{
	struct walk w = { .out = out, .event = wt_event_begin(out, 0) };
	bool is_clipped = r->on_short == WT_CLIPPED, is_whole;

	(void)state;
	(void)dir;
	is_whole = walk(&w, wt_rd_rest(r));
	if (!w.has_action)
		return is_clipped ? WT_CLIPPED : WT_MALFORMED;
	if (!is_whole && !is_clipped)
		wt_out_glitch(out, "unfinished_xml");
	return WT_OK;
}

const struct wt_dissector wt_wsd_dissector = {
	.name = "wsd",
	.title = "WS-Discovery",
	.source = "WS-Discovery 1.1 and 2005/04; IEEE 11073-20701, 11073-20702",
	.carriage = WT_OVER_UDP,
	.ports = { 3702 },
	.probe = probe,
	.message = message,
	WT_DISSECTOR_TABLES(events),
};
