"""What is wrong with a file of cameras, in English, by code; the API's messages add Vietnamese."""

from collections.abc import Mapping

SAID: Mapping[str, str] = {
    "too_large": "the file is larger than {most} MB: split it",
    "form_unknown": "“{form}” is no form of a file: toml, csv or xlsx",
    "form_not_exported": "“{form}” is no form to export: toml or csv",
    "too_many_entries": "the file has more than {most} entries: split it",
    "too_many_lines": "the file has more than {most} lines: split it",
    "takes_too_much": "reading the file takes more time or memory than an import may: split it",
    "no_tables": "the file has no [[cameras]], [[rules]], [[agencies]] or [[areas]]",
    "toml_not_text": "the file is not a text (UTF-8), expected TOML",
    "not_toml": "the file is not TOML: {why}",
    "long_number": "a number in the file has too many digits",
    "long_number_on_line": "line {line}: a number has too many digits",
    "too_deep": "tables or lists stand too deep in each other",
    "csv_not_text": 'the file is not UTF-8: save it as "CSV UTF-8" in the spreadsheet',
    "not_csv": "line {line}: is not CSV: {why}",
    "not_workbook": "the file is not an XLSX workbook",
    "workbook_too_large": "the workbook is larger than {most} MB unpacked: split it",
    "not_geojson": "the file is not GeoJSON: it has no list of features",
    "workbook_broken": "the file is not an XLSX workbook: {why}",
    "columns_unknown": (
        "line 1: unknown columns {named}; expected each once, and id among them: {expected}"
    ),
    "columns_wrong": "line 1: expected each once, and id among them: {expected}",
    "more_cells": "more cells than columns",
    "not_number": "wrong type, expected a number",
    "not_switch": "wrong type, expected true or false",
    "not_json": "is not JSON, as `thapcanh cameras export` writes it",
    "id_taken": "{id} is taken by another's entry",
    "id_twice": "{id} stands on line {other} already",
}
