/* Text of Windows protocols (utf.h).
 * Source: RFC 2781 2 (UTF-16); RFC 3629 (UTF-8); RFC 1001 14.1 (NetBIOS names).
 * Trust: every byte is hostile. Memory: none. */
#include "wardtap/utf.h"

static void put_utf8(struct wt_builder *b, uint32_t c)
{
	uint8_t u[4];
	size_t len = 1;

	if (c < 0x80) {
		u[0] = (uint8_t)c;
	} else if (c < 0x800) {
		u[0] = (uint8_t)(0xc0 | c >> 6);
		u[1] = (uint8_t)(0x80 | (c & 0x3f));
		len = 2;
	} else if (c < 0x10000) {
		u[0] = (uint8_t)(0xe0 | c >> 12);
		u[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		u[2] = (uint8_t)(0x80 | (c & 0x3f));
		len = 3;
	} else {
		u[0] = (uint8_t)(0xf0 | c >> 18);
		u[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
		u[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		u[3] = (uint8_t)(0x80 | (c & 0x3f));
		len = 4;
	}
	wt_bld_bytes(b, wt_slice_of(u, len));
}

void wt_bld_utf16le(struct wt_builder *b, struct wt_slice text)
{
	size_t i;

	for (i = 0; i + 1 < text.len && !b->is_short; i += 2) {
		uint32_t c = (uint32_t)text.ptr[i] | (uint32_t)text.ptr[i + 1] << 8, low;

		if (c == 0)
			return;
		if (c >= 0xd800 && c < 0xe000) {
			low = i + 3 < text.len ? (uint32_t)text.ptr[i + 2] |
							 (uint32_t)text.ptr[i + 3] << 8
					       : 0;
			if (c < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
				c = 0x10000 + ((c & 0x3ff) << 10 | (low & 0x3ff));
				i += 2;
			} else {
				c = 0xfffd;
			}
		}
		put_utf8(b, c);
	}
}

/* Words that name a kind of file: documents, images, programs, scripts, archives, data of
 * clinical systems, and what known ransomware appends. */
static bool is_known_extension(struct wt_slice word)
{
	static const char known[] =
		" 001 7z ace acr aes apk app arj asc asp aspx au avi avif back bak bat bin "
		"bk bmp bz2 c cab cbl ccd cda cer cfg cfm cgi chm class cmd com conf cpl cpp "
		"crt crypt crypto csh css csv cue cur dat data db dbf dcm deb dic dicm dicom "
		"dll "
		"dmg dmp do doc docm docx dot dotm drv dwg ecg edf elf eml emf enc encrypt eot "
		"eps exe "
		"fcgi fit fits flac flv fw gif gpg gz gzip h hex hl7 hta htm html ico ics "
		"ics idx img inf ini ipa iso jar java jfif jp2 jpe jpeg jpg js jse json jsp "
		"jspx "
		"key ldf lic lnk lock locked log lua lz lzh lzma m3u m4a m4v map md mdb mdf "
		"mdw mef mht mid mjs mkv mov mp3 mp4 mpeg mpg msg msi msp mst nc ndjson nii "
		"nrrd "
		"ocx odp ods odt ogg ogv old one ost otf out p12 p7m p7s pcap pcl pdf pem pfx "
		"pgp "
		"php phtml pif pkg pl png pol pot ppd pps ppt pptm pptx prn ps ps1 psd psm1 "
		"pst pub pwd py pyc r rar raw rb reg rom rpm rtf sav scf scp scr ser sh shs "
		"shtml so sql sqlite srt svg swf swp sys tar tbz tgz tif tiff tmp toml "
		"torrent ts tsv ttf txt upd url vb vbe vbs vcf vdi vhd vhdx vmdk vmx vob vsd "
		"vtt war wasm wav wcry webm webp wim wma wmf wmv wncry woff woff2 ws wsdl wsf "
		"wsh xhtml xla xlam xls xlsb xlsm xlsx xml xsd xsl xz yaml yml z zip zst ";
	struct wt_slice all = wt_slice_of(known, sizeof(known) - 1);
	uint8_t room[10];
	struct wt_builder b = wt_builder_of(room, sizeof(room));

	wt_bld_char(&b, ' ');
	wt_bld_bytes(&b, word);
	wt_bld_char(&b, ' ');
	return word.len && !b.is_short && wt_slice_search(all, wt_bld_slice(&b)) < all.len;
}

struct wt_slice wt_path_extension(struct wt_slice path, uint8_t *room)
{
	struct wt_builder b = wt_builder_of(room, 8);
	size_t at = path.len;

	while (at && path.len - at <= 8) {
		uint8_t c = path.ptr[--at];

		if (c == '.')
			break;
		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		      (c >= 'A' && c <= 'Z')))
			return wt_slice_of(NULL, 0);
	}
	if (at == path.len || path.ptr[at] != '.')
		return wt_slice_of(NULL, 0);
	for (at++; at < path.len; at++)
		wt_bld_u8(&b, (uint8_t)(path.ptr[at] >= 'A' && path.ptr[at] <= 'Z'
						? path.ptr[at] + 32
						: path.ptr[at]));
	return is_known_extension(wt_bld_slice(&b)) ? wt_bld_slice(&b) : wt_slice_of(NULL, 0);
}

struct wt_slice wt_netbios_name(struct wt_slice encoded, uint8_t *room, uint8_t *kind)
{
	struct wt_builder b = wt_builder_of(room, 16);
	struct wt_slice name;
	size_t i;

	*kind = 0;
	if (encoded.len < 33 || encoded.ptr[0] != 32)
		return wt_slice_of(NULL, 0);
	for (i = 0; i < 16; i++) {
		uint8_t high = (uint8_t)(encoded.ptr[1 + 2 * i] - 'A');
		uint8_t low = (uint8_t)(encoded.ptr[2 + 2 * i] - 'A');

		if (high > 15 || low > 15)
			return wt_slice_of(NULL, 0);
		wt_bld_u8(&b, (uint8_t)(high << 4 | low));
	}
	*kind = room[15];
	name = wt_slice_of(room, 15);
	name = wt_slice_head(name, wt_slice_find(name, 0));
	return wt_slice_trim(name, ' ');
}
