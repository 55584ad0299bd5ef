"""Messages about uploaded files and their lines, by code."""

from collections.abc import Mapping

COLUMN_WORDS: Mapping[str, tuple[str, str]] = {
    "id": ("Mã", "id"), "code": ("Mã", "code"), "name": ("Tên", "name"), "kind": ("Loại", "kind"),
    "address": ("Địa chỉ", "address"), "lat": ("Vĩ độ", "lat"), "lon": ("Kinh độ", "lon"),
    "outline": ("Ranh giới", "outline"), "floors": ("Số tầng", "floors"),
    "basements": ("Tầng hầm", "basements"), "hazards": ("Nguy hiểm", "hazards"),
    "contacts": ("Liên hệ", "contacts"), "access": ("Lối vào", "access"),
    "water": ("Nguồn nước", "water"), "station": ("Trụ sở", "station"),
    "phone": ("Điện thoại", "phone"), "agency": ("Đơn vị", "agency"), "area": ("Địa bàn", "area"),
}  # fmt: skip
UNLISTED: Mapping[str, tuple[str, str]] = {
    "agency_unlisted": (
        "Không có đơn vị “{cell}”. Ghi mã trong danh mục: {known}.",
        "There is no agency “{cell}”. Write an id of the list: {known}.",
    ),
    "area_unlisted": (
        "Không có khu vực “{cell}”. Ghi mã trong danh mục: {known}.",
        "There is no area “{cell}”. Write an id of the list: {known}.",
    ),
}
_OF_CAMERAS: Mapping[str, str] = {
    "too_large": "tệp lớn hơn {most} MB, hãy chia nhỏ",
    "form_unknown": "“{form}” không phải dạng tệp dùng được: toml, csv hoặc xlsx",
    "form_not_exported": "không xuất được ra dạng “{form}”: toml hoặc csv",
    "too_many_entries": "tệp có hơn {most} mục, hãy chia nhỏ",
    "too_many_lines": "tệp có hơn {most} dòng, hãy chia nhỏ",
    "takes_too_much": "đọc tệp tốn nhiều thời gian hoặc bộ nhớ hơn mức cho phép, hãy chia nhỏ",
    "no_tables": "tệp không có [[cameras]], [[rules]], [[agencies]] hay [[areas]] nào",
    "toml_not_text": "tệp không phải văn bản UTF-8, cần TOML",
    "not_toml": "tệp không phải TOML ({why})",
    "long_number": "trong tệp có số quá nhiều chữ số",
    "long_number_on_line": "dòng {line} có số quá nhiều chữ số",
    "too_deep": "các bảng hoặc danh sách lồng nhau quá sâu",
    "csv_not_text": "tệp không phải UTF-8, hãy lưu ở dạng “CSV UTF-8” trong bảng tính",
    "not_csv": "dòng {line} không phải CSV ({why})",
    "not_workbook": "tệp không phải bảng tính XLSX",
    "workbook_too_large": "bảng tính khi giải nén lớn hơn {most} MB, hãy chia nhỏ",
    "not_geojson": "tệp không phải GeoJSON: không có danh sách đối tượng (features)",
    "workbook_broken": "tệp không phải bảng tính XLSX ({why})",
    "columns_unknown": (
        "dòng tiêu đề có cột lạ {named}; mỗi cột ghi một lần, phải có id: {expected}"
    ),
    "columns_wrong": "dòng tiêu đề phải có id, mỗi cột ghi một lần: {expected}",
    "more_cells": "dòng có nhiều ô hơn dòng tiêu đề",
    "not_number": "phải là số",
    "not_switch": "phải là có hoặc không (true, false)",
    "not_json": "không phải JSON như `thapcanh cameras export` ghi ra",
    "id_taken": "{id} đã là mã của mục thuộc đơn vị khác",
    "id_twice": "{id} đã có ở dòng {other}",
}
FILE_MESSAGES: Mapping[str, str] = {
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
TEXTS: Mapping[str, tuple[str, str]] = {
    **{f"file_{code}": (_OF_CAMERAS[code], english) for code, english in FILE_MESSAGES.items()},
    "line_numbered": ("dòng {line}: {problem}", "line {line}: {problem}"),
    "line_roster_columns": (
        "Dòng tiêu đề ghi “{columns}”; cần mỗi cột một lần, phải có date và username: {expected}.",
        "The columns are “{columns}”; expected each once, date and username among them: "
        "{expected}.",
    ),
    "line_column_missing": ("Thiếu cột “{column}”.", "The column “{column}” is missing."),
    "line_too_many": (
        "Tệp có hơn {most} dòng: hãy chia nhỏ.",
        "The file has more than {most} lines: split it.",
    ),
    "line_too_many_cells": (
        "Dòng có nhiều ô hơn dòng tiêu đề.",
        "There are more columns than the header names.",
    ),
    "line_cell_missing": ("Thiếu “{column}”.", "The {column} is missing."),
    "line_cell_too_long": (
        "“{column}” dài hơn {most} chữ.",
        "{column} is longer than {most} letters.",
    ),
    "line_duty_twice": (
        "{username} đã có ca trực vào lúc đó ở dòng {other}.",
        "{username} is on duty then by line {other}.",
    ),
    "line_in_roster": (
        "{username} đã có trong lịch trực từ {begins_at} đến {ends_at}.",
        "{username} is in the roster from {begins_at} to {ends_at}.",
    ),
    "line_date_wrong": (
        "Ngày “{cell}” không đúng, ghi như 2026-11-26 hoặc 26/11/2026.",
        "The date “{cell}” is none, expected e.g. 2026-11-26 or 26/11/2026.",
    ),
    "line_person_unknown": (
        "Không có ai có tài khoản hoặc họ tên “{cell}” (hoặc nhiều người cùng tên: hãy ghi tài "
        "khoản).",
        "Nobody has the account or the full name “{cell}” (or several have that name: write the "
        "account).",
    ),
    "line_duty_unknown": (
        "Loại trực “{cell}” không có; ghi desk (trực ban) hoặc on_call (nhận tin).",
        "The duty “{cell}” is none, expected desk or on_call.",
    ),
    "line_begins_wrong": (
        "Giờ bắt đầu “{cell}” không đúng, ghi như 07:00.",
        "begins is “{cell}”, expected e.g. 07:00.",
    ),
    "line_hours_wrong": (
        "Số giờ “{cell}” không đúng, từ 1 đến {most}.",
        "hours is “{cell}”, expected 1 to {most}.",
    ),
    "line_id_wrong": (
        "Mã “{cell}” chỉ được gồm chữ, số và _.:-, tối đa 64 ký tự.",
        "The id “{cell}” may have letters, digits and _.:- alone, 64 at most.",
    ),
    "line_id_twice": (
        "Mã “{cell}” đã có ở dòng {other}.",
        "The id “{cell}” stands on line {other} already.",
    ),
    "line_kind_unknown": (
        "Loại “{cell}” không có; ghi một trong: {expected}.",
        "The kind “{cell}” is none of {expected}.",
    ),
    "line_half_a_point": (
        "Vĩ độ và kinh độ phải đi cùng nhau, đang thiếu một.",
        "lat and lon go together, one is missing.",
    ),
    **UNLISTED,
    **{f"line_{code}": text for code, text in UNLISTED.items()},
    "line_place_wrong": (
        "Tọa độ “{cell}” không đúng.",
        "“{cell}” is no place on the earth.",
    ),
}
