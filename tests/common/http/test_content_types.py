"""What a body says it is, as far as anybody has to know."""

import pytest

from common.http.request_input import plain_content_type


@pytest.mark.parametrize(
    ("stated", "known"),
    [
        ("", ""),
        ("application/json; charset=utf-8", "application/json"),
        ("application/x-www-form-urlencoded;charset=rot13", "application/x-www-form-urlencoded"),
        ("multipart/form-data; boundary=----Kit7MA4", "multipart/form-data; boundary=----Kit7MA4"),
        ('multipart/form-data; charset=hex; Boundary="a b"; x', 'multipart/form-data; boundary="a b"'),
        ("text/plain; x*=hex''%41", "text/plain"),
        ("application/vnd.api+json", "application/vnd.api+json"),
        ("rubbish", ""),
        (";" * 8000, ""),
    ],
)
def test_a_kind_without_its_codec(stated, known):
    assert plain_content_type(stated) == known
