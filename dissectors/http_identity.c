/* HTTP: who the equipment is, as its own documents say: UPnP, ONVIF and DPWS (SDC)
 * descriptions, IPP attributes, FHIR CapabilityStatement and Device. No parser of XML or
 * JSON: names are looked for in the body's first bytes and their plain values taken.
 * Source: UPnP DA 1.1 2.3, ONVIF core 8.3.1 (GetDeviceInformation), DPWS 1.1 4.1, RFC
 * 8010 3.1, RFC 8011 5.4, FHIR R4 CapabilityStatement.software, Device.
 * Trust: hostile bytes; each name is searched once. Memory: none. */
#include "http_parts.h"

#define VALUE_MAX 128u
#define ATTRIBUTES_MAX 256u /* of an element: names repeated without end cost no more */

/* Text of the first element with this local name, whatever its prefix. */
static struct wt_slice xml_text(struct wt_slice body, const char *name)
{
	struct wt_slice word = wt_slice_text(name);
	size_t from = 0;

	while (from < body.len) {
		struct wt_slice rest = wt_slice_tail(body, from);
		size_t at = wt_slice_search(rest, word), end;

		if (at == rest.len)
			break;
		from += at + word.len;
		if (!at || (rest.ptr[at - 1] != '<' && rest.ptr[at - 1] != ':'))
			continue;
		rest = wt_slice_tail(rest, at + word.len);
		if (!rest.len || (rest.ptr[0] != '>' && rest.ptr[0] != ' '))
			continue;
		rest = wt_slice_head(rest, ATTRIBUTES_MAX + VALUE_MAX);
		end = wt_slice_find(wt_slice_head(rest, ATTRIBUTES_MAX), '>');
		if (end >= ATTRIBUTES_MAX || end == rest.len ||
		    (end && rest.ptr[end - 1] == '/'))
			continue;
		rest = wt_slice_tail(rest, end + 1);
		end = wt_slice_find(rest, '<');
		if (end == rest.len || end > VALUE_MAX)
			continue;
		rest = http_trim(wt_slice_head(rest, end));
		if (rest.len)
			return rest;
	}
	return wt_slice_of(NULL, 0);
}

/* As written, not whatever the case: most bodies that begin with '<' are web pages. */
static bool holds(struct wt_slice body, const char *text)
{
	return wt_slice_search(body, wt_slice_text(text)) < body.len;
}

static bool is_device_document(struct wt_slice body)
{
	return holds(body, "schemas-upnp-org:device") || holds(body, "onvif.org/") ||
	       holds(body, "devprof") || holds(body, "/dpws");
}

static void xml_identity(struct http_call *c, struct wt_slice body)
{
	struct wt_out *out = c->out;
	unsigned e = c->event;
	struct wt_slice action;

	/* WS-Addressing 3.2: SOAP 1.2 may state its action inside only */
	if (c->q->service == HTTP_SOAP || c->q->service == HTTP_PLAIN) {
		action = holds(body, "Envelope") ? xml_text(body, "Action") : body;
		if (action.len && action.ptr != body.ptr)
			http_see_action(c, action);
	}
	if (!is_device_document(body))
		return;
	wt_put_DEVICE_VENDOR(out, e, xml_text(body, "manufacturer"));
	wt_put_DEVICE_VENDOR(out, e, xml_text(body, "Manufacturer"));
	wt_put_DEVICE_MODEL(out, e, xml_text(body, "modelName"));
	wt_put_DEVICE_MODEL(out, e, xml_text(body, "ModelName"));
	wt_put_DEVICE_MODEL(out, e, xml_text(body, "Model"));
	wt_put_DEVICE_HARDWARE(out, e, xml_text(body, "modelNumber"));
	wt_put_DEVICE_HARDWARE(out, e, xml_text(body, "ModelNumber"));
	wt_put_DEVICE_HARDWARE(out, e, xml_text(body, "HardwareId"));
	wt_put_DEVICE_SERIAL(out, e, xml_text(body, "serialNumber"));
	wt_put_DEVICE_SERIAL(out, e, xml_text(body, "SerialNumber"));
	wt_put_DEVICE_SOFTWARE(out, e, xml_text(body, "FirmwareVersion"));
	wt_put_DEVICE_ID(out, e, xml_text(body, "UDN"));
	wt_put_host_name(out, e, xml_text(body, "friendlyName"));
	wt_put_host_name(out, e, xml_text(body, "FriendlyName"));
}

/* String value of the first member with this name ("name", quotes included). */
static struct wt_slice json_text(struct wt_slice body, const char *name)
{
	size_t at = wt_slice_search(body, wt_slice_text(name)), end;
	struct wt_slice rest;

	if (at == body.len)
		return wt_slice_of(NULL, 0);
	rest = http_trim(wt_slice_tail(body, at + wt_slice_text(name).len));
	if (!rest.len || rest.ptr[0] != ':')
		return wt_slice_of(NULL, 0);
	rest = http_trim(wt_slice_tail(rest, 1));
	if (!rest.len || rest.ptr[0] != '"')
		return wt_slice_of(NULL, 0);
	rest = wt_slice_tail(rest, 1);
	end = wt_slice_find(rest, '"');
	return end == rest.len || end > VALUE_MAX ? wt_slice_of(NULL, 0)
						  : wt_slice_head(rest, end);
}

/* What stands behind `name`, up to the next brace that closes. */
static struct wt_slice json_object(struct wt_slice body, const char *name)
{
	size_t at = wt_slice_search(body, wt_slice_text(name));
	struct wt_slice rest = wt_slice_tail(body, at);

	return wt_slice_head(rest, wt_slice_find(rest, '}'));
}

/* "name version" as one program. */
static void put_program(struct http_call *c, struct wt_slice name, struct wt_slice version)
{
	uint8_t room[2 * VALUE_MAX + 1];
	struct wt_builder b = wt_builder_of(room, sizeof(room));

	if (!name.len)
		return;
	wt_bld_bytes(&b, name);
	if (version.len) {
		wt_bld_char(&b, ' ');
		wt_bld_bytes(&b, version);
	}
	wt_put_HOST_SOFTWARE(c->out, c->event, wt_bld_slice(&b));
}

static void json_identity(struct http_call *c, struct wt_slice body)
{
	struct wt_slice type = json_text(body, "\"resourceType\""), inner;
	struct wt_out *out = c->out;
	unsigned e = c->event;

	if (wt_slice_equal(type, WT_LIT("CapabilityStatement"))) {
		inner = json_object(body, "\"software\"");
		put_program(c, json_text(inner, "\"name\""), json_text(inner, "\"version\""));
	} else if (wt_slice_equal(type, WT_LIT("Device"))) {
		wt_put_DEVICE_VENDOR(out, e, json_text(body, "\"manufacturer\""));
		wt_put_DEVICE_MODEL(out, e, json_text(body, "\"modelNumber\""));
		wt_put_DEVICE_SERIAL(out, e, json_text(body, "\"serialNumber\""));
		wt_put_DEVICE_LOT(out, e, json_text(body, "\"lotNumber\""));
		wt_put_DEVICE_UDI_DI(out, e, json_text(body, "\"deviceIdentifier\""));
		inner = json_object(body, "\"deviceName\"");
		/* "Anna's pump" is a name too: R4's user-friendly-name, patient-reported-name
		 */
		if (holds(inner, "model-name") || holds(inner, "udi-label-name") ||
		    holds(inner, "registered-name"))
			wt_put_DEVICE_MODEL(out, e, json_text(inner, "\"name\""));
		inner = json_object(body, "\"version\"");
		wt_put_DEVICE_SOFTWARE(out, e, json_text(inner, "\"value\""));
	} else {
		return;
	}
	c->q->is_fhir_type = true;
}

/* RFC 8010 3.1.4: name, two octets of length, value. */
static struct wt_slice ipp_value(struct wt_slice body, const char *name)
{
	struct wt_slice word = wt_slice_text(name), rest;
	size_t at = wt_slice_search(body, word), len;

	rest = wt_slice_tail(body, at + word.len);
	if (at == body.len || at < 2 || body.ptr[at - 1] != word.len || rest.len < 2)
		return wt_slice_of(NULL, 0);
	len = (size_t)rest.ptr[0] << 8 | rest.ptr[1];
	rest = wt_slice_tail(rest, 2);
	return len > rest.len || len > 255 ? wt_slice_of(NULL, 0) : wt_slice_head(rest, len);
}

static void ipp_identity(struct http_call *c, struct wt_slice body)
{
	wt_put_USER_NAME(c->out, c->event, ipp_value(body, "requesting-user-name"));
	http_put_file_name(c, ipp_value(body, "job-name"));
	http_put_file_name(c, ipp_value(body, "document-name"));
	if (!c->q->status)
		return;
	wt_put_DEVICE_MODEL(c->out, c->event, ipp_value(body, "printer-make-and-model"));
	wt_put_DEVICE_SOFTWARE(c->out, c->event,
			       ipp_value(body, "printer-firmware-string-version"));
	wt_put_DEVICE_ID(c->out, c->event, ipp_value(body, "printer-uuid"));
	wt_put_host_name(c->out, c->event, ipp_value(body, "printer-dns-sd-name"));
}

void http_identity(struct http_call *c, struct wt_slice body)
{
	struct wt_slice text = http_trim(body);

	if (c->q->content == HTTP_IPP_BODY)
		ipp_identity(c, body);
	else if (text.len && text.ptr[0] == '<')
		xml_identity(c, text);
	else if (text.len && text.ptr[0] == '{')
		json_identity(c, text);
}
