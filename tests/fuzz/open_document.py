"""OpenDocument spreadsheets, as small as they can be."""

import io
import zipfile

_NAMES = "urn:oasis:names:tc:opendocument:xmlns"
_KIND = "application/vnd.oasis.opendocument.spreadsheet"
_SPACES = " ".join(f'xmlns:{name}="{_NAMES}:{name}:1.0"' for name in ("office", "table", "text"))
_MANIFEST = f'''<?xml version="1.0"?><manifest:manifest xmlns:manifest="{_NAMES}:manifest:1.0">
<manifest:file-entry manifest:full-path="/" manifest:media-type="{_KIND}"/></manifest:manifest>'''


def cell(value, *, repeated=1):
    """The XML of a cell, or of so many equal ones."""
    times = f'table:number-columns-repeated="{repeated}"'
    if isinstance(value, str):
        text = f'office:value-type="string"><text:p>{value}</text:p>'
        return f"<table:table-cell {times} {text}</table:table-cell>"
    return f'<table:table-cell {times} office:value-type="float" office:value="{value}"/>'


def row(*values, repeated=1):
    """The XML of a row of values, or of cells that are XML already."""
    cells = "".join(one if str(one).startswith("<") else cell(one) for one in values)
    return f'<table:table-row table:number-rows-repeated="{repeated}">{cells}</table:table-row>'


def ods(rows):
    """A spreadsheet with one sheet of such rows."""
    content = (
        f'<?xml version="1.0"?><office:document-content {_SPACES}><office:body><office:spreadsheet>'
        f'<table:table table:name="One">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", _KIND)
        archive.writestr("META-INF/manifest.xml", _MANIFEST)
        archive.writestr("content.xml", content)
    return file.getvalue()
