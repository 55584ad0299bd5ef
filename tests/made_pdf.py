"""A small PDF that is whole, with words of a test in it."""


def made_pdf(words: str = "") -> bytes:
    """The bytes of an empty page; `words` stand in a comment."""
    head = f"%PDF-1.7\n% {words}\n".encode()
    body = (
        b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n"
    )
    at = len(head) + len(body)
    return head + body + b"trailer<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % at
