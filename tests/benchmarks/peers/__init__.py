"""What the program is measured against: the same work as a competent user would write it with other libraries."""
