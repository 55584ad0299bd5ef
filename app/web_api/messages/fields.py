"""What can be wrong with a field of a request, by pydantic's type of error."""

from collections.abc import Mapping

PROBLEMS: Mapping[str, tuple[str, str]] = {
    "missing": ("bắt buộc phải có", "is required"),
    "extra_forbidden": ("không được có ở đây", "is not known here"),
    "json_invalid": ("không phải JSON hợp lệ", "is not valid JSON"),
    "string_type": ("phải là chuỗi ký tự", "must be a text"),
    "string_too_short": ("quá ngắn", "is too short"),
    "string_too_long": ("quá dài", "is too long"),
    "string_pattern_mismatch": ("sai định dạng", "has the wrong form"),
    "int_parsing": ("phải là số nguyên", "must be a whole number"),
    "int_type": ("phải là số nguyên", "must be a whole number"),
    "float_parsing": ("phải là số", "must be a number"),
    "greater_than_equal": ("quá nhỏ", "is too small"),
    "less_than_equal": ("quá lớn", "is too large"),
    "enum": ("không nằm trong các giá trị cho phép", "is not one of the allowed values"),
    "literal_error": ("không nằm trong các giá trị cho phép", "is not one of the allowed values"),
    "model_attributes_type": ("phải là một đối tượng JSON", "must be a JSON object"),
    "dict_type": ("phải là một đối tượng JSON", "must be a JSON object"),
}
OTHER_PROBLEM = ("giá trị không hợp lệ", "is not valid")
