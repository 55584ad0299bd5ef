"""HTML rendering of a document: one file with its pictures, no scripts or links."""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import escape

from thapcanh.app.reports.paper.content import (
    MOTTO,
    NATION,
    Block,
    Facts,
    Listing,
    Paper,
    Picture,
    Pictures,
    Prose,
)

_STYLE = """
body{font:15px/1.5 'Times New Roman',Times,serif;max-width:190mm;margin:10mm auto;padding:0 5mm;
color:#000;background:#fff}
header,.end{display:grid;grid-template-columns:42% 58%;text-align:center}
h1{font-size:20px;text-align:center;margin:8mm 0 0}.subject{text-align:center;font-weight:bold}
h2{font-size:15px;margin:6mm 0 1mm}table{width:100%;border-collapse:collapse}
th,td{border:1px solid #000;padding:1mm 2mm;text-align:left;vertical-align:top;
overflow-wrap:anywhere}
.pictures{display:grid;grid-template-columns:1fr 1fr;gap:4mm}figure{margin:0;break-inside:avoid}
img{width:100%}figcaption{font-size:12px;font-style:italic;overflow-wrap:anywhere}
.end{break-inside:avoid;margin-top:6mm;min-height:60mm}.end>*{text-align:left}
.end>.sign{text-align:center}.warning{border:2px solid #000;text-align:center;font-weight:bold}
.motto{text-decoration:underline;text-underline-offset:4px}
"""


def page(paper: Paper) -> bytes:
    """Return the paper as an HTML file."""
    warning = f'<p class="warning">{escape(paper.warning)}</p>' if paper.warning else ""
    recipients = "".join(f"<br>- {escape(each)}" for each in paper.recipients)
    return f"""<!doctype html>
<html lang="vi"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>{escape(paper.title)} - {escape(paper.subject)}</title><style>{_STYLE}</style></head><body>
{warning}<header><div><b>{escape(paper.agency.upper())}</b><br>{escape(paper.number)}</div>
<div><b>{NATION}</b><br><b class="motto">{MOTTO}</b><br><i>{escape(paper.dated)}</i></div></header>
<h1>{escape(paper.title)}</h1><p class="subject">{escape(paper.subject)}</p>
{"".join(map(_block, paper.blocks))}
<div class="end"><p style="grid-column:1/-1">{escape(paper.closing)}</p>
<div><i>Nơi nhận:</i>{recipients}</div>
<div class="sign"><b>{escape(paper.signer)}</b><br><i>(Ký, ghi rõ họ tên)</i></div></div>
</body></html>
""".encode()


def _block(block: Block) -> str:
    return f"<h2>{escape(block.title)}</h2>{_content(block)}"


def _content(block: Block) -> str:
    match block:
        case Facts():
            return _table((), block.rows)
        case Listing():
            return (
                _table(block.heads, block.rows) if block.rows else f"<p>{escape(block.empty)}</p>"
            )
        case Pictures():
            return f'<div class="pictures">{"".join(map(_picture, block.pictures))}</div>'
        case Prose():
            return "".join(f"<p>{escape(each)}</p>" for each in block.text.splitlines())


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = f"<tr>{''.join(f'<th>{escape(each)}</th>' for each in heads)}</tr>" if heads else ""
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    return f"<table>{head}{body}</table>"


def _picture(picture: Picture) -> str:
    image = ""
    if picture.jpeg is not None:
        image = f'<img alt="" src="data:image/jpeg;base64,{b64encode(picture.jpeg).decode()}">'
    return f"<figure>{image}<figcaption>{escape(picture.words)}</figcaption></figure>"
