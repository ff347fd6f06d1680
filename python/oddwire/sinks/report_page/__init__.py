"""The findings as one HTML page that needs no network: for the reader who was not there."""

from oddwire.sinks.report_page.page import report, write_report

__all__ = ["report", "write_report"]
