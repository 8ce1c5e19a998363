"""Readers' pages: stories, newsletters, links from mails, feeds."""
