"""Columns and rows in the user's words."""

from oddwire import native
from oddwire.errors import FilterError

__all__ = ["shape_of"]


def shape_of(
    table: str, columns: str | None, expression: str | None, limit: int | None
) -> tuple[native.Shape, str | None]:
    """Return the shape, and a packet filter when the expression is one.

    `--filter` of packets takes plain BPF text as well, where libpcap is there: what does not read as an
    expression over columns is tried as one.
    """
    names = [name.strip() for name in columns.split(",") if name.strip()] if columns else None
    shape = native.Shape(columns=names, filter=expression, limit=limit)
    if expression is None or table != "packets":
        return shape, None
    problem = native.filter_problem(table, expression)
    if problem is None:
        return shape, None
    if not native.is_bpf(expression):
        raise FilterError(problem)
    return native.Shape(columns=names, limit=limit), expression
