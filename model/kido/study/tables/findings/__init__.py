"""What a sweep shows, in sentences a planner would write."""

from kido.study.tables.findings.sentences import findings

__all__ = ["findings"]
