"""Containers: archives and mails in which returns arrive, and taking the returns out of them.

`unpacking.unpack` is the way in; `kinds` tells containers from other files, `zips`, `mails`, `mboxes` and `msgs` each
know one kind.
"""
