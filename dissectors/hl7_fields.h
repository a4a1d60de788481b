/* Fields and event types of the HL7 v2 dissector.
 * Source: HL7 v2.6 (chapter 2 control, 3 patient, 4 orders, 7 observations, 13
 * laboratory automation), IHE PCD TF-2 rev 8 and IPEC supplement 1.5.
 * Trust: values are hostile bytes. PHI: names, ids, results, rates, doses and drugs
 * are direct; what says how a device is set up (units, modes, library versions) is
 * not. Memory: none. */
#ifndef HL7_FIELDS_H
#define HL7_FIELDS_H

#include "wardtap/dissector.h"

enum hl7_event_type {
	HL7_EVENT_MESSAGE,
	HL7_EVENT_DEVICE,
	HL7_EVENT_PUMP,
	HL7_EVENT_ALARM,
	HL7_EVENT_COMMIT,
	HL7_EVENT_BATCH,
};

#define HL7_HEAD_FIELDS(F)                                                                     \
	F(MESSAGE_TYPE, STR, ONE, NONE, ASIS, 32, "", "hl7.message_type",                      \
	  "HL7 2.14.9.9 MSH-9",                                                                \
	  "Message code and trigger event, e.g. ORU^R01; ACK alone when only that stands "     \
	  "there.")                                                                            \
	F(MESSAGE_STRUCTURE, STR, ONE, NONE, ASIS, 16, "", "hl7.message_structure",            \
	  "HL7 2.14.9.9 MSH-9.3", "Message structure, e.g. ORU_R01.")                          \
	F(SENDING_APP, STR, ONE, DEVICE, ASIS, 128, "", "hl7.sending_app",                     \
	  "HL7 2.14.9.3 MSH-3", "Sending application as it stands, components included.")      \
	F(SENDING_FACILITY, STR, ONE, DEVICE, ASIS, 128, "", "hl7.sending_facility",           \
	  "HL7 2.14.9.4 MSH-4", "Sending facility as it stands.")                              \
	F(RECEIVING_APP, STR, ONE, DEVICE, ASIS, 128, "", "hl7.receiving_app",                 \
	  "HL7 2.14.9.5 MSH-5", "Receiving application as it stands.")                         \
	F(RECEIVING_FACILITY, STR, ONE, DEVICE, ASIS, 128, "", "hl7.receiving_facility",       \
	  "HL7 2.14.9.6 MSH-6", "Receiving facility as it stands.")                            \
	F(MESSAGE_TIME, STR, ONE, NONE, ASIS, 26, "", "hl7.message_time",                      \
	  "HL7 2.14.9.7 MSH-7", "Time of the message as stated.")                              \
	F(CLOCK_OFFSET, I64, ONE, NONE, ASIS, 8, "s", "hl7.clock_offset_s",                    \
	  "HL7 2.14.9.7 MSH-7",                                                                \
	  "Stated time minus packet time, where the stated time has a zone.")                  \
	F(CONTROL_ID, STR, ONE, NONE, ASIS, 64, "", "hl7.control_id", "HL7 2.14.9.10 MSH-10",  \
	  "Message control id; events of one message share it.")                               \
	F(PROCESSING_ID, STR, ONE, NONE, ASIS, 8, "", "hl7.processing_id",                     \
	  "HL7 2.14.9.11 MSH-11", "P production, D debugging, T training.")                    \
	F(VERSION, STR, ONE, NONE, ASIS, 16, "", "hl7.version", "HL7 2.14.9.12 MSH-12",        \
	  "Version of the standard.")                                                          \
	F(ACCEPT_ACK, STR, ONE, NONE, ASIS, 4, "", "hl7.accept_ack", "HL7 2.14.9.15 MSH-15",   \
	  "When a commit acknowledgement is wanted: AL, NE, ER, SU.")                          \
	F(APPLICATION_ACK, STR, ONE, NONE, ASIS, 4, "", "hl7.application_ack",                 \
	  "HL7 2.14.9.16 MSH-16", "When an application acknowledgement is wanted.")            \
	F(CHARSET, STR, ONE, NONE, ASIS, 64, "", "hl7.charset", "HL7 2.14.9.18 MSH-18",        \
	  "Character sets as stated; absent means ASCII.")                                     \
	F(PROFILE_ID, STR, MANY, NONE, ASIS, 64, "", "hl7.profile_id", "HL7 2.14.9.21 MSH-21", \
	  "Conformance profiles: the OID, or the name where there is none.")                   \
	F(DELIMITERS, STR, ONE, NONE, ASIS, 9, "", "hl7.delimiters",                           \
	  "HL7 2.14.9.1 MSH-1, MSH-2", "Field separator and encoding characters.")             \
	F(TRANSACTION, STR, ONE, NONE, ASIS, 8, "", "hl7.transaction", "IHE PCD TF-2 3",       \
	  "IHE PCD transaction by profile and content (PCD-01, -03, -04, -05, -10), or QRY.")  \
	F(FRAMING, STR, ONE, NONE, ASIS, 12, "", "hl7.framing", "HL7 TRMLLP R2",               \
	  "mllp1, hllp or none; of a commit block mllp2-ack or mllp2-nak.")                    \
	F(MESSAGE_BYTES, U64, ONE, NONE, ASIS, 8, "bytes", "hl7.message_bytes", "wardtap",     \
	  "Length of the message without its frame.")                                          \
	F(SEGMENT_COUNT, U64, ONE, NONE, ASIS, 8, "segments", "hl7.segment_count", "wardtap",  \
	  "Segments of the message.")                                                          \
	F(SEGMENTS, STR, MANY, NONE, ASIS, 3, "", "hl7.segments", "HL7 2.5.2",                 \
	  "Distinct segment names in order of first appearance, 32 at most.")                  \
	F(OBSERVATION_COUNT, U64, ONE, NONE, ASIS, 8, "segments", "hl7.observation_count",     \
	  "HL7 7.4.2", "OBX segments of the message.")                                         \
	F(ACK_CODE, STR, ONE, NONE, ASIS, 4, "", "hl7.ack_code", "HL7 2.14.8.1 MSA-1",         \
	  "AA, AE, AR (application) or CA, CE, CR (commit).")                                  \
	F(ACK_FOR, STR, ONE, NONE, ASIS, 64, "", "hl7.ack_for", "HL7 2.14.8.2 MSA-2",          \
	  "Control id of the message that is acknowledged.")                                   \
	F(ACK_TIME, U64, ONE, NONE, ASIS, 8, "ms", "hl7.ack_time_ms", "wardtap",               \
	  "Time since the acknowledged message passed on this flow.")                          \
	F(ERROR_CODE, STR, MANY, NONE, ASIS, 16, "", "hl7.error_code",                         \
	  "HL7 2.14.5.3 ERR-3, ERR-1.4, MSA-6", "Error codes stated.")                         \
	F(ERROR_SEVERITY, STR, ONE, NONE, ASIS, 4, "", "hl7.error_severity",                   \
	  "HL7 2.14.5.4 ERR-4", "Severity of the first error: I, W, E, F.")                    \
	F(QUERY_NAME, STR, ONE, NONE, ASIS, 48, "", "hl7.query_name", "HL7 5.5.4.1 QPD-1",     \
	  "Name of the query.")                                                                \
	F(QUERY_SUBJECT, STR, ONE, DIRECT, PRESENT, 64, "", "hl7.query_subject",               \
	  "HL7 5.5.4.3 QPD-3, QRD-8", "Whom or what is asked for.")

#define HL7_FLAG_FIELDS(F)                                                                     \
	F(IS_BATCH, BOOL, ONE, NONE, ASIS, 1, "", "hl7.is_batch", "HL7 2.10.3",                \
	  "The message came inside a batch (BHS) or file (FHS).")                              \
	F(IS_TRUNCATED, BOOL, ONE, NONE, ASIS, 1, "", "hl7.is_truncated", "wardtap",           \
	  "The end of the message was not seen.")                                              \
	F(IS_OVER_CAP, BOOL, ONE, NONE, ASIS, 1, "", "hl7.is_over_cap", "wardtap",             \
	  "More segments, fields or repetitions than are looked at.")                          \
	F(HAS_MISSING_CR, BOOL, ONE, NONE, ASIS, 1, "", "hl7.has_missing_cr", "HL7 TRMLLP R2", \
	  "The end byte 1C was not followed by 0D.")                                           \
	F(HAS_NESTED_SB, BOOL, ONE, NONE, ASIS, 1, "", "hl7.has_nested_sb", "HL7 TRMLLP R2",   \
	  "A start byte 0B stood inside the block.")                                           \
	F(HAS_LF, BOOL, ONE, NONE, ASIS, 1, "", "hl7.has_lf", "HL7 2.5.4",                     \
	  "Segments end with a line feed, which the standard does not allow.")                 \
	F(HAS_LONG_FIELD, BOOL, ONE, NONE, ASIS, 1, "", "hl7.has_long_field", "wardtap",       \
	  "A field was longer than is looked at (embedded document).")                         \
	F(HAS_ODD_DELIMITERS, BOOL, ONE, NONE, ASIS, 1, "", "hl7.has_odd_delimiters",          \
	  "HL7 2.5.4",                                                                         \
	  "Delimiters that are equal, alphanumeric, not printable, missing or too many.")      \
	F(HAS_BAD_SEGMENT, BOOL, ONE, NONE, ASIS, 1, "", "hl7.has_bad_segment", "HL7 2.5.2",   \
	  "A segment without a valid name.")                                                   \
	F(ESCAPE_ABUSE, STR, MANY, NONE, ASIS, 16, "", "hl7.escape_abuse", "HL7 2.7",          \
	  "unterminated, bad_hex, framing_bytes, long_hex or large_space.")                    \
	F(INJECTION, STR, MANY, NONE, ASIS, 16, "", "hl7.injection", "wardtap",                \
	  "Text that aims at the receiver: script, jndi, doctype, sql, unc_path.")             \
	F(EMBEDDED, STR, MANY, NONE, ASIS, 8, "", "hl7.embedded", "HL7 2A.24 ED",              \
	  "What an embedded document begins with: pe, elf, zip, pdf, ole, script.")            \
	F(PATIENT_ID, STR, ONE, DIRECT, PRESENT, 64, "", "hl7.patient_id",                     \
	  "HL7 3.4.2.3 PID-3", "Patient identifier.")                                          \
	F(PATIENT_NAME, STR, ONE, DIRECT, PRESENT, 64, "", "hl7.patient_name",                 \
	  "HL7 3.4.2.5 PID-5", "Patient name.")                                                \
	F(BIRTH_DATE, STR, ONE, DIRECT, PRESENT, 24, "", "hl7.birth_date",                     \
	  "HL7 3.4.2.7 PID-7", "Date of birth.")                                               \
	F(PATIENT_LOCATION, STR, ONE, DIRECT, PRESENT, 64, "", "hl7.patient_location",         \
	  "HL7 3.4.3.3 PV1-3", "Ward, room and bed.")                                          \
	F(ORDER_NUMBER, STR, ONE, DIRECT, PRESENT, 64, "", "hl7.order_number",                 \
	  "HL7 4.5.1.2 ORC-2, ORC-3, OBR-2, OBR-3", "First order number.")                     \
	F(RESULT_TEXT, STR, ONE, DIRECT, PRESENT, 64, "", "hl7.result_text",                   \
	  "HL7 7.4.2.5 OBX-5", "First textual result.")                                        \
	F(BATCH_LEVEL, STR, ONE, NONE, ASIS, 8, "", "hl7.batch_level", "HL7 2.10.3",           \
	  "What a batch event speaks of: batch or file.")                                      \
	F(BATCH_STATED, U64, ONE, NONE, ASIS, 8, "", "hl7.batch_stated",                       \
	  "HL7 2.14.3.1 BTS-1, 2.14.7.1 FTS-1",                                                \
	  "Messages (file: batches) that the trailer states.")                                 \
	F(BATCH_COUNTED, U64, ONE, NONE, ASIS, 8, "", "hl7.batch_counted", "HL7 2.10.3",       \
	  "Messages (file: batches) that were seen.")

#define HL7_DEVICE_FIELDS(F)                                                                   \
	F(DEVICE_SOURCE, STR, ONE, NONE, ASIS, 8, "", "hl7.device_source", "wardtap",          \
	  "Where the device is stated: OBX-18, MDS, PRT, SFT or EQU.")                         \
	F(DEVICE_NAMESPACE, STR, ONE, DEVICE, ASIS, 64, "", "hl7.device_namespace",            \
	  "HL7 2A.28 EI-2, EI-3", "Who assigned device.id.")                                   \
	F(CONTAINMENT, STR, ONE, NONE, ASIS, 40, "", "hl7.containment",                        \
	  "IHE PCD TF-2 B.8 OBX-4", "Place in the device's tree: MDS.VMD.CHAN, 0 unknown.")    \
	F(PERSONAL_SERIAL, STR, ONE, QUASI, ASIS, 64, "", "hl7.personal_serial",               \
	  "IEEE 11073-10101, 21 CFR 830", "Serial of a worn, implanted or home device.")       \
	F(UDI, STR, ONE, QUASI, ASIS, 128, "", "hl7.udi", "HL7 7.4.4.10 PRT-10",               \
	  "Whole unique device identifier, which may hold a serial.")                          \
	F(INSTALLED, STR, ONE, DEVICE, ASIS, 26, "", "hl7.software_installed",                 \
	  "HL7 2.14.12.6 SFT-6", "When the software was installed, as stated.")                \
	F(BED_LABEL, STR, ONE, QUASI, ASIS, 48, "", "hl7.bed_label",                           \
	  "IEEE 11073-10101 MDC_ATTR_ID_BED_LABEL", "Bed at which the device says it stands.") \
	F(DEVICE_STATUS, STR, ONE, DEVICE, ASIS, 48, "", "hl7.device_status",                  \
	  "IEEE 11073-10101 MDC_ATTR_VMS_MDS_STAT; HL7 13.4.1.3 EQU-3",                        \
	  "Operating state as stated.")

#define HL7_PUMP_FIELDS(F)                                                                     \
	F(PUMP_REPORT, STR, ONE, NONE, ASIS, 12, "", "hl7.pump_report", "IHE PCD TF-2 3",      \
	  "programming (an order to the pump), status or event.")                              \
	F(PUMP_PART, STR, ONE, DEVICE, ASIS, 64, "", "hl7.pump_part", "IEEE 11073-10101",      \
	  "Type of the pump, unit or channel that is spoken of.")                              \
	F(PUMP_STATUS, STR, ONE, DEVICE, ASIS, 64, "", "hl7.pump_status",                      \
	  "IEEE 11073-10101 MDC_PUMP_STAT, MDC_PUMP_INFUSING_STATUS", "What the pump does.")   \
	F(PUMP_DELIVERY, STR, ONE, DEVICE, ASIS, 64, "", "hl7.pump_delivery_status",           \
	  "IHE PCD TF-3", "Delivery state of the channel.")                                    \
	F(PUMP_MODE, STR, ONE, DEVICE, ASIS, 64, "", "hl7.pump_mode",                          \
	  "IEEE 11073-10101 MDC_PUMP_MODE", "Delivery mode.")                                  \
	F(PUMP_ACTIVE_SOURCE, STR, MANY, DEVICE, ASIS, 64, "", "hl7.pump_active_source",       \
	  "IHE PCD TF-3", "Sources that infuse now.")                                          \
	F(PUMP_REASON, STR, ONE, DEVICE, ASIS, 64, "", "hl7.pump_idle_reason", "IHE PCD TF-3", \
	  "Why nothing is delivered.")                                                         \
	F(PUMP_EVENT, STR, ONE, DEVICE, ASIS, 64, "", "hl7.pump_event",                        \
	  "IHE PCD IPEC 1.5 MDC_ATTR_EVT_COND", "What happened at the pump.")                  \
	F(PUMP_LIBRARY, STR, ONE, DEVICE, ASIS, 64, "", "hl7.drug_library_version",            \
	  "IEEE 11073-10101 MDC_PUMP_DRUG_LIBRARY_VERSION", "Drug library in use.")            \
	F(PUMP_CARE_AREA, STR, ONE, DEVICE, ASIS, 64, "", "hl7.care_area",                     \
	  "IEEE 11073-10101 MDC_PUMP_DRUG_LIBRARY_CARE_AREA",                                  \
	  "Care area chosen in the library.")                                                  \
	F(DRUG_NAME, STR, ONE, DIRECT, PRESENT, 64, "", "hl7.drug_name",                       \
	  "HL7 4.14.6.4 RXG-4; MDC_DRUG_NAME_LABEL", "Drug.")                                  \
	F(ORDER_CONTROL, STR, ONE, NONE, ASIS, 4, "", "hl7.order_control",                     \
	  "HL7 4.5.1.1 ORC-1", "What the order wants: RE new, XO titration, CH child.")        \
	F(PUMP_TYPE, STR, ONE, NONE, ASIS, 16, "", "hl7.pump_type", "HL7 4.14.2.3 RXR-3",      \
	  "Device ordered: IVP, PCA, SYR.")                                                    \
	F(ROUTE_TYPE, STR, ONE, NONE, ASIS, 16, "", "hl7.route_type", "HL7 4.14.2.4 RXR-4",    \
	  "Method of administration: IV, IVPB.")                                               \
	F(RATE, DEC, ONE, DIRECT, PRESENT, 8, "", "hl7.pump_rate",                             \
	  "MDC_FLOW_FLUID_PUMP; HL7 RXG-15", "Volume per time.")                               \
	F(RATE_UNIT, STR, ONE, NONE, ASIS, 48, "", "hl7.pump_rate_unit", "OBX-6, RXG-16",      \
	  "Its unit.")                                                                         \
	F(DOSE_RATE, DEC, ONE, DIRECT, PRESENT, 8, "", "hl7.pump_dose_rate",                   \
	  "MDC_RATE_DOSE; HL7 RXG-15", "Drug per time.")                                       \
	F(DOSE_RATE_UNIT, STR, ONE, NONE, ASIS, 48, "", "hl7.pump_dose_rate_unit",             \
	  "OBX-6, RXG-16", "Its unit.")                                                        \
	F(DOSE, DEC, ONE, DIRECT, PRESENT, 8, "", "hl7.pump_dose",                             \
	  "MDC_DOSE_PCA_LIMIT; HL7 RXG-15", "Dose, or dose limit of a PCA pump.")              \
	F(DOSE_UNIT, STR, ONE, NONE, ASIS, 48, "", "hl7.pump_dose_unit", "OBX-6, RXG-16",      \
	  "Its unit.")                                                                         \
	F(VTBI, DEC, ONE, DIRECT, PRESENT, 8, "", "hl7.pump_vtbi",                             \
	  "MDC_VOL_FLUID_TBI; HL7 RXG-5", "Volume to be infused.")                             \
	F(VTBI_UNIT, STR, ONE, NONE, ASIS, 48, "", "hl7.pump_vtbi_unit", "OBX-6, RXG-7",       \
	  "Its unit.")                                                                         \
	F(VTBI_REMAIN, DEC, ONE, DIRECT, PRESENT, 8, "", "hl7.pump_vtbi_remaining",            \
	  "MDC_VOL_FLUID_TBI_REMAIN", "Volume still to be infused.")                           \
	F(VTBI_REMAIN_UNIT, STR, ONE, NONE, ASIS, 48, "", "hl7.pump_vtbi_remaining_unit",      \
	  "OBX-6", "Its unit.")                                                                \
	F(DELIVERED, DEC, ONE, DIRECT, PRESENT, 8, "", "hl7.pump_delivered",                   \
	  "MDC_VOL_FLUID_DELIV, MDC_VOL_FLUID_DELIV_TOTAL", "Volume delivered.")               \
	F(DELIVERED_UNIT, STR, ONE, NONE, ASIS, 48, "", "hl7.pump_delivered_unit", "OBX-6",    \
	  "Its unit.")                                                                         \
	F(TIME_REMAIN, DEC, ONE, DIRECT, PRESENT, 8, "", "hl7.pump_time_remaining",            \
	  "MDC_TIME_PD_REMAIN", "Time left.")                                                  \
	F(TIME_REMAIN_UNIT, STR, ONE, NONE, ASIS, 48, "", "hl7.pump_time_remaining_unit",      \
	  "OBX-6", "Its unit.")                                                                \
	F(LOCKOUT, DEC, ONE, DIRECT, PRESENT, 8, "", "hl7.pump_lockout",                       \
	  "MDC_TIME_PCA_LOCKOUT", "Lockout time of a PCA pump.")                               \
	F(LOCKOUT_UNIT, STR, ONE, NONE, ASIS, 48, "", "hl7.pump_lockout_unit", "OBX-6",        \
	  "Its unit.")                                                                         \
	F(STRENGTH, DEC, ONE, DIRECT, PRESENT, 8, "", "hl7.pump_strength",                     \
	  "MDC_CONC_DRUG; HL7 RXG-17", "Amount or concentration of the drug.")                 \
	F(STRENGTH_UNIT, STR, ONE, NONE, ASIS, 48, "", "hl7.pump_strength_unit",               \
	  "OBX-6, RXG-18", "Its unit.")                                                        \
	F(DILUENT, DEC, ONE, DIRECT, PRESENT, 8, "", "hl7.pump_diluent",                       \
	  "HL7 4.14.6.23 RXG-23", "Volume in which the drug is.")                              \
	F(DILUENT_UNIT, STR, ONE, NONE, ASIS, 48, "", "hl7.pump_diluent_unit", "RXG-24",       \
	  "Its unit.")                                                                         \
	F(DURATION, DEC, ONE, DIRECT, PRESENT, 8, "s", "hl7.pump_duration_s",                  \
	  "HL7 4.5.4.13 TQ1-13", "Ordered duration.")                                          \
	F(WEIGHT, DEC, ONE, DIRECT, PRESENT, 8, "", "hl7.patient_weight",                      \
	  "MDC_ATTR_PT_WEIGHT", "Patient weight that the dose is for.")                        \
	F(WEIGHT_UNIT, STR, ONE, NONE, ASIS, 48, "", "hl7.patient_weight_unit", "OBX-6",       \
	  "Its unit.")                                                                         \
	F(HEIGHT, DEC, ONE, DIRECT, PRESENT, 8, "", "hl7.patient_height",                      \
	  "MDC_ATTR_PT_HEIGHT", "Patient height that the dose is for.")                        \
	F(HEIGHT_UNIT, STR, ONE, NONE, ASIS, 48, "", "hl7.patient_height_unit", "OBX-6",       \
	  "Its unit.")

#define HL7_ALARM_FIELDS(F)                                                                    \
	F(ALARM_EVENT, STR, ONE, DEVICE, ASIS, 64, "", "hl7.alarm_event",                      \
	  "IHE PCD TF-2 3.4 PCD-04", "Alarm event as reference id, or its code.")              \
	F(ALARM_SOURCE, STR, ONE, DEVICE, ASIS, 64, "", "hl7.alarm_source",                    \
	  "MDC_ATTR_ALERT_SOURCE", "What raised it: a metric or a part of the device.")        \
	F(ALARM_PHASE, STR, ONE, DEVICE, ASIS, 24, "", "hl7.alarm_phase",                      \
	  "MDC_ATTR_EVENT_PHASE", "start, continue, update, escalate, end, ...")               \
	F(ALARM_STATE, STR, ONE, DEVICE, ASIS, 24, "", "hl7.alarm_state",                      \
	  "MDC_ATTR_ALARM_STATE", "inactive, active, latched.")                                \
	F(ALARM_INACTIVATION, STR, MANY, DEVICE, ASIS, 24, "", "hl7.alarm_inactivation",       \
	  "MDC_ATTR_ALARM_INACTIVATION_STATE",                                                 \
	  "enabled, audio-paused, audio-off, alarm-off, ...")                                  \
	F(ALARM_PRIORITY, STR, ONE, DEVICE, ASIS, 8, "", "hl7.alarm_priority",                 \
	  "MDC_ATTR_ALARM_PRIORITY", "PN none, PL low, PM medium, PH high.")                   \
	F(ALARM_TYPE, STR, ONE, DEVICE, ASIS, 8, "", "hl7.alarm_type", "MDC_ATTR_ALERT_TYPE",  \
	  "SP patient, ST technical, SA advisory.")

#define HL7_FIELDS(F)                                                                          \
	HL7_HEAD_FIELDS(F)                                                                     \
	HL7_FLAG_FIELDS(F) HL7_DEVICE_FIELDS(F) HL7_PUMP_FIELDS(F) HL7_ALARM_FIELDS(F)

enum { HL7_FIELDS(WT_FIELD_ENUM) HL7_N_FIELDS };

/* Setters are inline and shared by the files of this dissector, so the compiler does
 * not see a field that nobody sets; check_hl7.c does. */
#define HL7_SETTER(id, type, mult, phi, declass, cap, unit, name, clause, doc)                 \
	static inline void put_##id(struct wt_out *out, unsigned event, WT_CTYPE_##type value) \
	{                                                                                      \
		WT_PUT_##type(out, event, WT_FIELD_BASE + (unsigned)F_##id, value);            \
	}
HL7_FIELDS(HL7_SETTER)
#undef HL7_SETTER

#endif
