/* HTTP: what is spoken inside it, by path, media type and action. Fixed words only, so
 * that they can be shown.
 * Source: DICOM PS3.18 (8, 10, 11), FHIR R4 (http, resourcelist), SOAP 1.1 6.1.1 and 1.2
 * part 2 6.5, IHE PCD TF-2 appendix G, IEEE 11073-20701, DPWS 1.1, ONVIF core, UPnP DA
 * 1.1, RFC 4918, RFC 8010, RFC 6960, RFC 8484.
 * Trust: hostile bytes. Memory: none. */
#include "http_parts.h"

static const char *const names[HTTP_N_SERVICES] = {
	[HTTP_PLAIN] = NULL,
	[HTTP_QIDO] = "dicomweb-qido",
	[HTTP_WADO] = "dicomweb-wado",
	[HTTP_WADO_URI] = "dicomweb-wado-uri",
	[HTTP_STOW] = "dicomweb-stow",
	[HTTP_UPS] = "dicomweb-ups",
	[HTTP_FHIR] = "fhir",
	[HTTP_SOAP] = "soap",
	[HTTP_IHE_PCD] = "ihe-pcd",
	[HTTP_IHE_ITI] = "ihe-iti",
	[HTTP_SDC] = "sdc",
	[HTTP_DPWS] = "dpws",
	[HTTP_ONVIF] = "onvif",
	[HTTP_UPNP] = "upnp",
	[HTTP_IPP] = "ipp",
	[HTTP_WEBDAV] = "webdav",
	[HTTP_WEBSOCKET] = "websocket",
	[HTTP_OCSP] = "ocsp",
	[HTTP_DOH] = "doh",
	[HTTP_GRPC] = "grpc",
};

const char *http_service_name(enum http_service service)
{
	return service < HTTP_N_SERVICES ? names[service] : NULL;
}

static const char *const dicom_resources[] = {
	"studies", "series",   "instances", "workitems", "subscribers",
	"frames",  "bulkdata", "rendered",  "thumbnail", "metadata",
};

/* FHIR R4, those that devices, monitors and their gateways use. */
static const char *const fhir_resources[] = {
	"AllergyIntolerance",
	"Appointment",
	"AuditEvent",
	"Binary",
	"Bundle",
	"CapabilityStatement",
	"CarePlan",
	"CareTeam",
	"Communication",
	"Composition",
	"Condition",
	"Consent",
	"Coverage",
	"Device",
	"DeviceDefinition",
	"DeviceMetric",
	"DeviceRequest",
	"DeviceUseStatement",
	"DiagnosticReport",
	"DocumentReference",
	"Encounter",
	"Endpoint",
	"FamilyMemberHistory",
	"Goal",
	"Group",
	"ImagingStudy",
	"Immunization",
	"Location",
	"Media",
	"Medication",
	"MedicationAdministration",
	"MedicationDispense",
	"MedicationRequest",
	"MedicationStatement",
	"MessageHeader",
	"NutritionOrder",
	"Observation",
	"OperationOutcome",
	"Organization",
	"Parameters",
	"Patient",
	"Person",
	"Practitioner",
	"PractitionerRole",
	"Procedure",
	"Provenance",
	"Questionnaire",
	"QuestionnaireResponse",
	"RelatedPerson",
	"RiskAssessment",
	"Schedule",
	"ServiceRequest",
	"Slot",
	"Specimen",
	"Subscription",
	"Task",
};

static const char *word_of(const char *const *words, size_t n, struct wt_slice segment)
{
	size_t i;

	for (i = 0; i < n && segment.len; i++)
		if (segment.ptr[0] == (uint8_t)words[i][0] &&
		    wt_slice_equal(segment, wt_slice_text(words[i])))
			return words[i];
	return NULL;
}

#define WORD_OF(words, segment) word_of(words, sizeof(words) / sizeof(words[0]), segment)

struct path {
	const char *dicom, *fhir; /* last resource that a segment names */
	bool has_fhir, has_study, has_metadata, is_uid_last;
};

static bool is_uid(struct wt_slice s)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if (s.ptr[i] != '.' && !(s.ptr[i] >= '0' && s.ptr[i] <= '9'))
			return false;
	return s.len > 3;
}

static struct path path_of(struct wt_slice uri)
{
	struct wt_slice rest = wt_slice_head(uri, wt_slice_find(uri, '?'));
	struct path p = { .dicom = NULL };

	while (rest.len) {
		size_t n = wt_slice_find(rest, '/');
		struct wt_slice segment = wt_slice_head(rest, n);
		const char *dicom = WORD_OF(dicom_resources, segment);
		const char *fhir = WORD_OF(fhir_resources, segment);

		rest = wt_slice_tail(rest, n + 1);
		if (!segment.len)
			continue;
		if (http_starts(segment, "fhir"))
			p.has_fhir = true;
		p.is_uid_last = is_uid(segment);
		if (dicom)
			p.dicom = dicom;
		if (fhir)
			p.fhir = fhir;
		if (p.is_uid_last && p.dicom)
			p.has_study = true;
		p.has_metadata = http_same(segment, "metadata");
	}
	return p;
}

static bool is_dav(struct wt_slice method)
{
	static const char *const dav[] = { "PROPFIND", "PROPPATCH",  "MKCOL",  "COPY",
					   "MOVE",     "LOCK",       "UNLOCK", "REPORT",
					   "SEARCH",   "MKCALENDAR", "ACL",    "BPROPFIND" };

	return WORD_OF(dav, method) != NULL;
}

static enum http_service dicom_service(const struct path *p, struct wt_slice method,
				       struct wt_slice uri)
{
	bool is_list = !p->has_study ||
		       (!p->is_uid_last &&
			(wt_slice_equal(wt_slice_text(p->dicom), WT_LIT("series")) ||
			 wt_slice_equal(wt_slice_text(p->dicom), WT_LIT("instances"))));

	(void)uri;
	if (wt_slice_starts(wt_slice_text(p->dicom), WT_LIT("workitems")) ||
	    wt_slice_starts(wt_slice_text(p->dicom), WT_LIT("subscribers")))
		return HTTP_UPS;
	if (wt_slice_equal(method, WT_LIT("POST")))
		return HTTP_STOW;
	return is_list ? HTTP_QIDO : HTTP_WADO;
}

/* "/studies" alone is an ordinary word: the query or a UID has to speak for DICOM. */
static bool is_dicom_path(const struct path *p, struct wt_slice uri)
{
	static const char *const words[] = { "studies", "series", "instances", "workitems" };

	if (!p->dicom)
		return false;
	if (p->has_study || http_has(uri, "dicom-web") || http_has(uri, "dicomweb"))
		return true;
	return WORD_OF(words, wt_slice_text(p->dicom)) &&
	       (http_has(uri, "patientid=") || http_has(uri, "00100020=") ||
		http_has(uri, "includefield=") || http_has(uri, "studydate=") ||
		http_has(uri, "/workitems"));
}

void http_see_target(struct http_call *c, struct wt_slice method, struct wt_slice uri)
{
	struct path p = path_of(uri);
	const char *resource = NULL;

	if (is_dav(method)) {
		c->q->service = HTTP_WEBDAV;
	} else if (http_has(uri, "requesttype=wado")) {
		c->q->service = HTTP_WADO_URI;
	} else if (is_dicom_path(&p, uri)) {
		c->q->service = (uint8_t)dicom_service(&p, method, uri);
		resource = p.dicom;
	} else if (p.has_fhir) {
		c->q->service = HTTP_FHIR;
		resource = p.fhir ? p.fhir : p.has_metadata ? "metadata" : NULL;
	} else if (wt_slice_equal(method, WT_LIT("NOTIFY")) ||
		   wt_slice_equal(method, WT_LIT("SUBSCRIBE")) ||
		   wt_slice_equal(method, WT_LIT("UNSUBSCRIBE"))) {
		c->q->service = HTTP_UPNP;
	} else {
		resource = p.fhir; /* told only when the media type says FHIR, see below */
	}
	if (c->q->service != HTTP_PLAIN)
		put_RESOURCE(c->out, c->event, wt_slice_text(resource));
}

static const struct {
	const char *part;
	uint8_t service;
} actions[] = {
	{ "urn:ihe:pcd:", HTTP_IHE_PCD },
	{ "urn:ihe:iti:", HTTP_IHE_ITI },
	{ "urn:ihe:", HTTP_IHE_ITI },
	{ "11073/11073-20701", HTTP_SDC },
	{ "/11073-", HTTP_SDC },
	{ "p11073-", HTTP_SDC },
	{ "onvif.org", HTTP_ONVIF },
	{ "schemas-upnp-org", HTTP_UPNP },
	{ "/ws/2004/09/transfer", HTTP_DPWS },
	{ "/ws/2004/08/eventing", HTTP_DPWS },
	{ "/ws-dd/", HTTP_DPWS },
	{ "devprof", HTTP_DPWS },
};

void http_see_action(struct http_call *c, struct wt_slice action)
{
	size_t i;

	c->q->service = HTTP_SOAP;
	put_SOAP_ACTION(c->out, c->event, wt_slice_head(action, wt_slice_find(action, '?')));
	for (i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (http_has(action, actions[i].part)) {
			c->q->service = actions[i].service;
			return;
		}
}

static const struct {
	const char *part;
	uint8_t service, content;
} types[] = {
	{ "multipart/x-mixed-replace", HTTP_PLAIN, HTTP_STREAMING },
	{ "multipart/", HTTP_PLAIN, HTTP_MULTIPART },
	{ "text/event-stream", HTTP_PLAIN, HTTP_STREAMING },
	{ "application/grpc", HTTP_GRPC, HTTP_STREAMING },
	{ "application/soap+xml", HTTP_SOAP, HTTP_XML },
	{ "application/ipp", HTTP_IPP, HTTP_IPP_BODY },
	{ "application/ocsp-", HTTP_OCSP, HTTP_ANY },
	{ "application/dns-message", HTTP_DOH, HTTP_ANY },
	{ "json", HTTP_PLAIN, HTTP_JSON },
	{ "xml", HTTP_PLAIN, HTTP_XML },
};

void http_see_type(struct http_call *c, struct wt_slice type)
{
	struct wt_slice media = wt_slice_head(type, wt_slice_find(type, ';'));
	size_t i;

	if (http_has(type, "fhir")) {
		c->q->is_fhir_type = true;
		if (c->q->service == HTTP_PLAIN)
			c->q->service = HTTP_FHIR;
	}
	c->q->is_dicom_type = http_has(type, "application/dicom");
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (!http_has(media, types[i].part))
			continue;
		c->q->content = types[i].content;
		if (types[i].service != HTTP_PLAIN && c->q->service == HTTP_PLAIN)
			c->q->service = types[i].service;
		return;
	}
}
