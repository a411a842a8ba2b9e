"""Stands for the scripts of the stages; nothing runs it here."""
