"""What people, programs and attackers type, by the kind of field: the corpus. TAME must be kept, HOSTILE may be refused.

Every tame text holds MARK, a plain word by which it is found again.
"""

MARK = "Quenvais"
LETTERS_MANY = 5_000

TAME_WORDS = (
    "O’Brien d’Authreau",
    "李小龙 王",
    "Nguyễn Thị Hòa",
    "Nguye\u0302\u0303n Thi\u0323 decomposed",
    "أحمد علي",
    "דוד כהן",
    "สมชาย ใจดี",
    "क्षत्रिय सिंह",
    "Ἀλέξανδρος Папаиоанну",
    "👨\u200d👩\u200d👧\u200d👦 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f 1\ufe0f\u20e3 ❤\ufe0f",
    "e" + "\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308" * 12,
    "\u202eright to left\u202c \u2066isolated\u2069",
    "Ana\u200b\u00ad\ufeff\u2060 Le\u00a0Brocq\u3000\u2007\u202fd",
    "two\u2028lines\u2029and\x0bthree\x85four",
    "\"quoted\" 'single' `back` <b>bold</b> & &amp; &#0;",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "{{ 7|add:7 }} {% load x %} ${7*7} #{7} %(name)s %s {0} {x!r}",
    "'; DROP TABLE ticketing_order; -- \\ %_",
    "a]]></x><!--[CDATA[ \\u0000 \\ud800 \\n",
    "]]>;BEGIN:VEVENT,\\n;X=1:",
    "=1+1",
    "+cmd|' /C calc'!A0",
    "@SUM(A1:A9)",
    "-2+3",
    "%00%0d%0a%E2%80%8B",
    "00000000-0000-0000-0000-000000000000",
    "NaN Infinity null undefined None true",
    "½ ² Ⅷ ﬁ ßẞ İı",
    "\ufff0\u3164\u115f\u17b4 fillers",
    "\U0001f9d1\U0001f3fd\u200d\U0001f91d\u200d\U0001f9d1\U0001f3fb 🇯🇪",
)
TAME = tuple(f"{MARK} {words}" for words in TAME_WORDS[:20]) + tuple(f"{words} {MARK}" for words in TAME_WORDS[20:])

HOSTILE = (
    "",
    " ",
    "\u200b\u2060",
    "\u0301\u0302",
    "\x00",
    f"a\x00{MARK}",
    "\ud800",
    f"{MARK} \udfff half",
    "x" * 120,
    "x" * LETTERS_MANY,
    "字" * LETTERS_MANY,
    "👨\u200d👩\u200d👧" * 400,
    "a\u0301" * LETTERS_MANY,
    "X\r\nBcc: other@example.je\r\n\r\nbody",
    "\ufeff",
    "\x1b[31m\x07\x7f",
    "9" * 50,
    "-1",
    "1e309",
    "../../../../etc/passwd",
    "javascript:alert(1)",
    "//evil.example/\\",
    "http://[::1",
    "http://xn--\u0301/",
    "[" * 10_000 + "]" * 10_000,
    '{"a":' * 2_000 + "1" + "}" * 2_000,
    "[]",
    "{}",
    "null",
    '"\\ud800"',
    '"\\u0000"',
    "NaN",
)
NUMBERS = (
    "9" * 50, "-1", "0", "-0", "1e309", "1e9", "NaN", "Infinity", "-Infinity", "٣", "３", "−5", "1,5", "1.5", "1.999", "0x1f",
    "1_000", "", " 1 ", "½", "²", "\x00", "\ud800", "2147483648", "9223372036854775808", "00", "1 000", "£5", "1\u20285", "abc",
)  # fmt: skip
DATES = (
    "29/02/2027", "29/02/2028", "31/10/2027 01:30", "28/03/2027 01:30", "12/12/2026 24:00", "31/12/2026 23:59:60", "0000-00-00",
    "01/01/0001", "31/12/9999 23:59", "01/01/10000", "12 Dec 2026 7.30pm", "2026-12-12T19:30:00+99:99", "2026-12-12T19:30Z",
    "٣٠/١٢/٢٠٢٦", "tomorrow", "", " ", "9" * 50, "\x00", "\ud800", "12/12/2026 19:30", "2026-12-12 19:30\u200b", "1e5", "12/13/2026",
    "31/04/2027", "x" * 5_000, "-1-1-1", "99:99", "12/12/2026 12:00 BST",
)  # fmt: skip
EMAILS = (
    "ana@münchen.example", "ana@xn--mnchen-3ya.example", "ANA@EXAMPLE.JE", "ana\u200b@example.je", "a" * 64 + "@example.je", "a@" + "b" * 300,
    "ana@example.je\r\nBcc: x@example.je", '"a b"@example.je', "ana@[127.0.0.1]", "ana@\u0301.je", "@", "", "\x00@a.je", "\ud800@a.je",
    "ana@example.je, ben@example.je", "Ana <ana@example.je>", "x" * 5_000, "ana@-.je", "ana@example..je", "ana@xn--a.example", "李@例え.テスト",
)  # fmt: skip
URLS = (
    "https://example.je/%00", "http://[::1", "javascript:alert(1)", "https://" + "a" * 300 + ".je/", "https://例え.テスト/あ?x=ü#é",
    "https://user:pass@example.je:99999/", "https://example.je:abc/", "//example.je", "", "\x00", "\ud800", "https://xn--\u0301/", "https://a b/",
    "https://example.je/\r\nX: 1", "data:text/html,x", "x" * 5_000, "https://\u200bexample.je/", "https://example.je/\u202egpj.exe",
)  # fmt: skip
CHOICES = (
    "",
    "9" * 50,
    "-1",
    "\x00",
    "\ud800",
    "nothing of these",
    "x" * 5_000,
    "1' OR '1'='1",
    "٣",
    "null",
    "[]",
    "1e309",
)
OF_KIND = {"text": HOSTILE, "number": NUMBERS, "date": DATES, "email": EMAILS, "url": URLS, "choice": CHOICES}
EVERYTHING = tuple(dict.fromkeys([*TAME, *(text for texts in OF_KIND.values() for text in texts)]))
