/* Private fields of DICOM: rows, ids and setters for all rooms of the dissector. The
 * table itself lives in dicom.c. */
#ifndef WARDTAP_DICOM_FIELDS_H
#define WARDTAP_DICOM_FIELDS_H

#include "wardtap/dissector.h"

/* clang-format off */
#define DICOM_FIELDS(F) \
F(PDU, STR, ONE, NONE, ASIS, 16, "", "dicom.pdu", "PS3.8 9.3", "Kind of protocol data unit: A-ASSOCIATE-RQ, A-ASSOCIATE-AC, A-ASSOCIATE-RJ, P-DATA-TF, A-RELEASE-RQ, A-RELEASE-RP, A-ABORT.") \
F(CALLING_AE, STR, ONE, DEVICE, ASIS, 16, "", "dicom.calling_ae", "PS3.8 9.3.2", "AE title of the association's requestor.") \
F(CALLED_AE, STR, ONE, DEVICE, ASIS, 16, "", "dicom.called_ae", "PS3.8 9.3.2", "AE title of the association's acceptor.") \
F(PROTOCOL_VERSION, U64, ONE, NONE, ASIS, 8, "", "dicom.protocol_version", "PS3.8 9.3.2", "Upper layer protocol version, a bit per version.") \
F(APP_CONTEXT, STR, ONE, DEVICE, ASIS, 64, "", "dicom.app_context", "PS3.8 9.3.2.1", "Application context name.") \
F(CONTEXT_COUNT, U64, ONE, NONE, ASIS, 8, "", "dicom.context_count", "PS3.8 9.3.2.2", "Presentation contexts proposed or answered.") \
F(ABSTRACT_SYNTAX, STR, MANY, DEVICE, ASIS, 64, "", "dicom.abstract_syntax", "PS3.8 9.3.2.2.1", "SOP classes proposed (request) or accepted (answer to a request that was seen), those of the standard once; the first 32.") \
F(TRANSFER_SYNTAX, STR, MANY, DEVICE, ASIS, 64, "", "dicom.transfer_syntax", "PS3.8 9.3.2.2.2", "Transfer syntaxes proposed or accepted, each once; of those that the standard does not name the first 8. On a data set: its own.") \
F(IS_VERIFICATION_ONLY, BOOL, ONE, NONE, ASIS, 1, "", "dicom.is_verification_only", "PS3.4 A", "Nothing but the Verification SOP class is proposed, as scanners do.") \
F(CONTEXT_RESULT, U64, MANY, NONE, ASIS, 8, "", "dicom.context_result", "PS3.8 9.3.3.2", "Answer per context: 0 accepted, 1 rejected by the user, 2 no reason, 3 abstract syntax, 4 transfer syntaxes not supported.") \
F(ACCEPTED_COUNT, U64, ONE, NONE, ASIS, 8, "", "dicom.accepted_count", "PS3.8 9.3.3.2", "Presentation contexts accepted.") \
F(REJECTED_COUNT, U64, ONE, NONE, ASIS, 8, "", "dicom.rejected_count", "PS3.8 9.3.3.2", "Presentation contexts rejected.") \
F(MAX_PDU, U64, ONE, NONE, ASIS, 8, "bytes", "dicom.max_pdu", "PS3.8 D.1", "Longest P-DATA-TF PDU that the sender takes; 0 is unlimited.") \
F(IMPL_CLASS_UID, STR, ONE, DEVICE, ASIS, 64, "", "dicom.impl_class_uid", "PS3.7 D.3.3.2.1", "Implementation class UID: the sender's toolkit.") \
F(IMPL_VERSION, STR, ONE, DEVICE, ASIS, 16, "", "dicom.impl_version", "PS3.7 D.3.3.2.3", "Implementation version name.") \
F(IMPL_NAME, STR, ONE, DEVICE, ASIS, 32, "", "dicom.impl_name", "wardtap", "Likely toolkit, by the root of the implementation class UID.") \
F(ASYNC_INVOKED, U64, ONE, NONE, ASIS, 8, "", "dicom.async_invoked", "PS3.7 D.3.3.3", "Operations the sender may invoke at once; 0 is unlimited.") \
F(ASYNC_PERFORMED, U64, ONE, NONE, ASIS, 8, "", "dicom.async_performed", "PS3.7 D.3.3.3", "Operations the sender may perform at once; 0 is unlimited.") \
F(ROLE, STR, MANY, DEVICE, ASIS, 80, "", "dicom.role", "PS3.7 D.3.3.4", "Roles proposed or accepted, as UID then scu, scp or scu+scp; the first 32.") \
F(ROLE_COUNT, U64, ONE, NONE, ASIS, 8, "", "dicom.role_count", "PS3.7 D.3.3.4", "Role selections in all.") \
F(EXT_NEGOTIATION, STR, MANY, DEVICE, ASIS, 64, "", "dicom.ext_negotiation", "PS3.7 D.3.3.5", "SOP classes with extended or common extended negotiation; the first 32.") \
F(USER_IDENTITY_TYPE, U64, ONE, NONE, ASIS, 8, "", "dicom.user_identity_type", "PS3.7 D.3.3.7", "1 user name, 2 user name and passcode, 3 Kerberos ticket, 4 SAML assertion, 5 JSON web token.") \
F(USER_IDENTITY_RESPONSE, BOOL, ONE, NONE, ASIS, 1, "", "dicom.user_identity_response", "PS3.7 D.3.3.7", "Request: an answer is asked for. Answer: the identity was accepted.") \
F(REJECT_RESULT, U64, ONE, NONE, ASIS, 8, "", "dicom.reject_result", "PS3.8 9.3.4", "1 rejected for good, 2 for the moment.") \
F(REJECT_SOURCE, U64, ONE, NONE, ASIS, 8, "", "dicom.reject_source", "PS3.8 9.3.4", "1 service user, 2 provider (ACSE), 3 provider (presentation).") \
F(REJECT_REASON, U64, ONE, NONE, ASIS, 8, "", "dicom.reject_reason", "PS3.8 9.3.4", "Reason within the source.") \
F(REJECT_TEXT, STR, ONE, NONE, ASIS, 64, "", "dicom.reject_text", "PS3.8 9.3.4", "The reason in the standard's words.") \
F(ABORT_SOURCE, U64, ONE, NONE, ASIS, 8, "", "dicom.abort_source", "PS3.8 9.3.8", "0 service user, 2 service provider.") \
F(ABORT_REASON, U64, ONE, NONE, ASIS, 8, "", "dicom.abort_reason", "PS3.8 9.3.8", "Reason of a provider's abort.") \
F(ABORT_TEXT, STR, ONE, NONE, ASIS, 64, "", "dicom.abort_text", "PS3.8 9.3.8", "The reason in the standard's words.") \
F(CONTEXT_ID, U64, ONE, NONE, ASIS, 8, "", "dicom.context_id", "PS3.8 9.3.5.1", "Presentation context of the message.") \
F(COMMAND, STR, ONE, NONE, ASIS, 24, "", "dicom.command", "PS3.7 E.1", "DIMSE command, e.g. C-STORE-RQ; a code that the standard does not name as four hex digits.") \
F(MESSAGE_ID, U64, ONE, NONE, ASIS, 8, "", "dicom.message_id", "PS3.7 E.1 (0000,0110)", "Message id of a request.") \
F(RESPONDED_TO, U64, ONE, NONE, ASIS, 8, "", "dicom.responded_to", "PS3.7 E.1 (0000,0120)", "Message id that is answered or cancelled.") \
F(SOP_CLASS, STR, ONE, DEVICE, ASIS, 64, "", "dicom.sop_class", "PS3.7 E.1 (0000,0002), (0000,0003)", "SOP class of the command, or else of its presentation context.") \
F(SOP_CLASS_NAME, STR, ONE, DEVICE, ASIS, 80, "", "dicom.sop_class_name", "PS3.6 A", "Name of the SOP class.") \
F(SOP_INSTANCE, STR, ONE, QUASI, ASIS, 64, "", "dicom.sop_instance", "PS3.7 E.1 (0000,1000), (0000,1001)", "SOP instance UID of the command.") \
F(STATUS, U64, ONE, NONE, ASIS, 8, "", "dicom.status", "PS3.7 C", "Status of a response.") \
F(STATUS_TEXT, STR, ONE, NONE, ASIS, 64, "", "dicom.status_text", "PS3.7 C", "Status in words: success, pending, cancelled, or four hex digits and their meaning.") \
F(ERROR_COMMENT, STR, ONE, DIRECT, PRESENT, 64, "", "dicom.error_comment", "PS3.7 E.1 (0000,0902)", "Free text of a failing peer.") \
F(MOVE_DESTINATION, STR, ONE, DEVICE, ASIS, 16, "", "dicom.move_destination", "PS3.7 E.1 (0000,0600)", "AE title that a C-MOVE sends to.") \
F(MOVE_ORIGINATOR_AE, STR, ONE, DEVICE, ASIS, 16, "", "dicom.move_originator_ae", "PS3.7 E.1 (0000,1030)", "AE title that asked for this C-STORE by a C-MOVE.") \
F(MOVE_ORIGINATOR_ID, U64, ONE, NONE, ASIS, 8, "", "dicom.move_originator_id", "PS3.7 E.1 (0000,1031)", "Message id of that C-MOVE.") \
F(PRIORITY, U64, ONE, NONE, ASIS, 8, "", "dicom.priority", "PS3.7 E.1 (0000,0700)", "0 medium, 1 high, 2 low.") \
F(DATASET, BOOL, ONE, NONE, ASIS, 1, "", "dicom.dataset", "PS3.7 E.1 (0000,0800)", "A data set belongs to the command.") \
F(REMAINING, U64, ONE, NONE, ASIS, 8, "", "dicom.remaining", "PS3.7 E.1 (0000,1020)", "Sub-operations that remain.") \
F(COMPLETED, U64, ONE, NONE, ASIS, 8, "", "dicom.completed", "PS3.7 E.1 (0000,1021)", "Sub-operations done.") \
F(FAILED, U64, ONE, NONE, ASIS, 8, "", "dicom.failed", "PS3.7 E.1 (0000,1022)", "Sub-operations that failed.") \
F(WARNING, U64, ONE, NONE, ASIS, 8, "", "dicom.warning", "PS3.7 E.1 (0000,1023)", "Sub-operations done with a warning.") \
F(EVENT_TYPE_ID, U64, ONE, NONE, ASIS, 8, "", "dicom.event_type_id", "PS3.7 E.1 (0000,1002)", "Kind of event of an N-EVENT-REPORT.") \
F(ACTION_TYPE_ID, U64, ONE, NONE, ASIS, 8, "", "dicom.action_type_id", "PS3.7 E.1 (0000,1008)", "Kind of action of an N-ACTION.") \
F(DATASET_BYTES, U64, ONE, NONE, ASIS, 8, "bytes", "dicom.dataset_bytes", "PS3.8 9.3.5", "Data set of the message, by the lengths its fragments state.") \
F(PDV_COUNT, U64, ONE, NONE, ASIS, 8, "", "dicom.pdv_count", "PS3.8 9.3.5.1", "Fragments of command and data set.") \
F(IS_INCOMPLETE, BOOL, ONE, NONE, ASIS, 1, "", "dicom.is_incomplete", "wardtap", "The unit was not seen to its end: abort, loss, capture begun or ended within, or a breach of the rules.") \
F(DEFECT, STR, MANY, NONE, ASIS, 32, "", "dicom.defect", "PS3.5 7, PS3.7 6.3", "What broke the rules inside a command set or data set, in fixed words.") \
F(HAS_PATH_TRAVERSAL, BOOL, ONE, NONE, ASIS, 1, "", "dicom.has_path_traversal", "CVE-2022-2119", "An AE title or UID holds a slash, a backslash or two dots in a row: an attack on files of the receiver.") \
F(HAS_INVALID_UID, BOOL, ONE, NONE, ASIS, 1, "", "dicom.has_invalid_uid", "PS3.5 9.1", "A UID is empty where it may not be, too long, or holds more than digits and single dots.") \
F(EXECUTABLE, STR, ONE, NONE, ASIS, 8, "", "dicom.executable", "PS3.3 C.24.2 (0042,0011)", "A document or private value begins as a program: pe, elf, script; or as an archive: zip.") \
F(MODALITY, STR, ONE, DEVICE, ASIS, 16, "", "dicom.modality", "PS3.3 C.7.3.1 (0008,0060)", "Modality of the object or query.") \
F(INSTITUTION, STR, ONE, QUASI, ASIS, 64, "", "dicom.institution", "PS3.3 C.7.5.1 (0008,0080)", "Institution that owns the equipment.") \
F(DEVICE_UID, STR, ONE, DEVICE, ASIS, 64, "", "dicom.device_uid", "PS3.3 C.7.5.1 (0018,1002)", "Device UID of the equipment.") \
F(CALIBRATION_DATE, STR, MANY, DEVICE, ASIS, 16, "", "dicom.calibration_date", "PS3.3 C.7.5.1 (0018,1200)", "Date of the equipment's last calibration.") \
F(PERFORMED_AE, STR, ONE, DEVICE, ASIS, 16, "", "dicom.performed_ae", "PS3.3 C.4.14 (0040,0241)", "Station AE title that performed the step.") \
F(SCHEDULED_AE, STR, ONE, DEVICE, ASIS, 16, "", "dicom.scheduled_ae", "PS3.4 K.6.1 (0040,0001)", "Station AE title that the step is planned for.") \
F(QUERY_LEVEL, STR, ONE, NONE, ASIS, 16, "", "dicom.query_level", "PS3.4 C.6 (0008,0052)", "Query or retrieve level.") \
F(IS_BROAD_QUERY, BOOL, ONE, NONE, ASIS, 1, "", "dicom.is_broad_query", "PS3.4 C.2.2.2", "Query or retrieval that no patient id, patient name, accession number, UID or scheduled station narrows: each is absent, empty or only wildcards.") \
F(HAS_QUERY_DATE, BOOL, ONE, NONE, ASIS, 1, "", "dicom.has_query_date", "PS3.4 C.2.2.2", "A query narrowed by a date.") \
F(PATIENT_NAME, STR, ONE, DIRECT, PRESENT, 64, "", "dicom.patient_name", "PS3.3 C.7.1.1 (0010,0010)", "Patient's name.") \
F(PATIENT_ID, STR, ONE, DIRECT, PRESENT, 64, "", "dicom.patient_id", "PS3.3 C.7.1.1 (0010,0020)", "Patient id.") \
F(BIRTH_DATE, STR, ONE, DIRECT, PRESENT, 16, "", "dicom.birth_date", "PS3.3 C.7.1.1 (0010,0030)", "Patient's birth date.") \
F(ACCESSION, STR, ONE, DIRECT, PRESENT, 32, "", "dicom.accession", "PS3.3 C.7.2.1 (0008,0050)", "Accession number.") \
F(STUDY_UID, STR, ONE, QUASI, ASIS, 64, "", "dicom.study_uid", "PS3.3 C.7.2.1 (0020,000D)", "Study instance UID.") \
F(SERIES_UID, STR, ONE, QUASI, ASIS, 64, "", "dicom.series_uid", "PS3.3 C.7.3.1 (0020,000E)", "Series instance UID.") \
F(TRANSACTION_UID, STR, ONE, QUASI, ASIS, 64, "", "dicom.transaction_uid", "PS3.4 J.3.2 (0008,1195)", "Transaction UID of a storage commitment: the same in the N-ACTION and in the N-EVENT-REPORT that answers it.")
/* clang-format on */

enum dicom_field { DICOM_FIELDS(WT_FIELD_ENUM) DICOM_N_FIELDS };

/* Several rooms share the setters, and none uses all. */
#define DICOM_FIELD_SETTER(id, type, mult, phi, declass, cap, unit, name, clause, doc)         \
	static inline void put_##id(struct wt_out *out, unsigned event, WT_CTYPE_##type value) \
	{                                                                                      \
		WT_PUT_##type(out, event, WT_FIELD_BASE + (unsigned)F_##id, value);            \
	}
DICOM_FIELDS(DICOM_FIELD_SETTER)

#endif
