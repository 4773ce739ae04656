"""Predicting what is larger than memory: rows in pieces, a part file for each, and a ledger of what is done."""
