/* What the scopes of a device tell: where it stands, what it is, which role it claims.
 *
 *   sdc.ctxt.loc:/sdc.ctxt.loc.detail/..?fac=HOSP&bldng=B1&flr=2&poc=ICU&rm=3&bed=7
 *   sdc.mds.pkp:1.2.840.10004.20701.1.1      sdc.cdc.type:///69650
 *   onvif://www.onvif.org/hardware/CAM-1
 *
 * Source: IEEE 11073-20701 9; ONVIF Core Specification 7.3.2.2. Trust: every byte is
 * hostile. Memory: SCOPE_MAX bytes on the stack. */
#include "wsd_fields.h"

#define SCOPE_MAX 512u
#define PARTS_MAX 16u

struct wt_slice wt_wsd_word(struct wt_slice *rest)
{
	struct wt_slice word;
	size_t at = 0, end;

	while (at < rest->len && rest->ptr[at] <= ' ')
		at++;
	for (end = at; end < rest->len && rest->ptr[end] > ' '; end++)
		continue;
	word = wt_slice_head(wt_slice_tail(*rest, at), end - at);
	*rest = wt_slice_tail(*rest, end);
	return word;
}

/* XML's five entities become what they stand for; the rest stays. */
static struct wt_slice unescape(struct wt_slice s, uint8_t room[SCOPE_MAX])
{
	static const struct {
		struct wt_slice entity;
		char c;
	} rows[] = {
		{ { (const uint8_t *)"&amp;", 5 }, '&' },
		{ { (const uint8_t *)"&lt;", 4 }, '<' },
		{ { (const uint8_t *)"&gt;", 4 }, '>' },
		{ { (const uint8_t *)"&quot;", 6 }, '"' },
		{ { (const uint8_t *)"&apos;", 6 }, '\'' },
	};
	struct wt_builder b = wt_builder_of(room, SCOPE_MAX);

	while (s.len && b.len < b.cap) {
		size_t len = 1, i;
		char c = (char)s.ptr[0];

		for (i = 0; c == '&' && len == 1 && i < sizeof(rows) / sizeof(rows[0]); i++)
			if (wt_slice_starts(s, rows[i].entity)) {
				c = rows[i].c;
				len = rows[i].entity.len;
			}
		wt_bld_char(&b, c);
		s = wt_slice_tail(s, len);
	}
	return wt_bld_slice(&b);
}

static int hex_of(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* RFC 3986 2.1; in queries of forms "+" is a blank. */
static struct wt_slice percent_decode(struct wt_slice s, bool is_form, uint8_t room[64])
{
	struct wt_builder b = wt_builder_of(room, 64);
	size_t i;

	for (i = 0; i < s.len && b.len < b.cap; i++) {
		bool is_escape = s.ptr[i] == '%' && s.len - i > 2;
		int high = is_escape ? hex_of(s.ptr[i + 1]) : -1;
		int low = is_escape ? hex_of(s.ptr[i + 2]) : -1;

		if (high >= 0 && low >= 0) {
			wt_bld_u8(&b, (uint8_t)(high << 4 | low));
			i += 2;
		} else {
			wt_bld_u8(&b, is_form && s.ptr[i] == '+' ? ' ' : s.ptr[i]);
		}
	}
	return wt_bld_slice(&b);
}

static void take_part(struct wt_out *out, unsigned event, struct wt_slice key,
		      struct wt_slice value)
{
	static const struct {
		const char *key;
		void (*put)(struct wt_out *out, unsigned event, struct wt_slice value);
	} rows[] = {
		{ "fac", put_FACILITY }, { "bldng", put_BUILDING }, { "flr", put_FLOOR },
		{ "poc", put_POC },      { "rm", put_ROOM },        { "bed", put_BED },
	};
	uint8_t room[64];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (wt_slice_equal(key, wt_slice_text(rows[i].key)))
			rows[i].put(out, event, percent_decode(value, true, room));
}

static void take_location(struct wt_out *out, unsigned event, struct wt_slice scope)
{
	struct wt_slice query = wt_slice_tail(scope, wt_slice_find(scope, '?') + 1);
	unsigned i;

	for (i = 0; i < PARTS_MAX && query.len; i++) {
		struct wt_slice part = wt_slice_head(query, wt_slice_find(query, '&'));
		size_t at = wt_slice_find(part, '=');

		take_part(out, event, wt_slice_head(part, at), wt_slice_tail(part, at + 1));
		query = wt_slice_tail(query, part.len + 1);
	}
}

/* "sdc.ctxt.loc:/..": which context; of all but the location only that it is there. */
static void take_context(struct wt_out *out, unsigned event, struct wt_slice scope)
{
	struct wt_slice kind = wt_slice_head(wt_slice_tail(scope, 9), 3);

	put_CONTEXT(out, event, kind);
	if (wt_slice_equal(kind, WT_LIT("loc")))
		take_location(out, event, scope);
}

static void take_camera(struct wt_out *out, unsigned event, struct wt_slice path)
{
	struct wt_slice key = wt_slice_head(path, wt_slice_find(path, '/'));
	uint8_t room[64];
	struct wt_slice value = percent_decode(wt_slice_tail(path, key.len + 1), false, room);

	if (wt_slice_equal(key, WT_LIT("hardware")))
		wt_put_DEVICE_MODEL(out, event, value);
	else if (wt_slice_equal(key, WT_LIT("name")))
		wt_put_DEVICE_STATION(out, event, value);
	else if (wt_slice_equal(key, WT_LIT("location")))
		put_LOCATION(out, event, value);
}

/* An object identifier. */
static void take_purpose(struct wt_out *out, unsigned event, struct wt_slice oid)
{
	size_t i;

	for (i = 0; i < oid.len; i++)
		if (oid.ptr[i] != '.' && (oid.ptr[i] < '0' || oid.ptr[i] > '9'))
			return;
	put_KEY_PURPOSE(out, event, oid);
}

void wt_wsd_scope(struct wt_out *out, unsigned event, struct wt_slice scope)
{
	static const char onvif[] = "onvif://www.onvif.org/";
	uint8_t room[SCOPE_MAX];

	scope = unescape(scope, room);
	put_SCOPE(out, event, scope);
	if (wt_slice_starts(scope, WT_LIT("sdc.")))
		put_IS_MEDICAL(out, event, true);
	if (wt_slice_starts(scope, WT_LIT("sdc.ctxt.")))
		take_context(out, event, scope);
	else if (wt_slice_starts(scope, WT_LIT("sdc.mds.pkp:")))
		take_purpose(out, event, wt_slice_tail(scope, 12));
	else if (wt_slice_starts(scope, WT_LIT("sdc.cdc.type:")))
		wt_put_DEVICE_TYPE(out, event, scope);
	else if (wt_slice_starts(scope, wt_slice_of(onvif, sizeof(onvif) - 1)))
		take_camera(out, event, wt_slice_tail(scope, sizeof(onvif) - 1));
}
