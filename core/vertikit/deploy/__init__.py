"""Fifth stage: a finished run put to use on new rows."""
