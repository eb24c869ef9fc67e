"""Rolling forward: last month's book and its plan become the book of a later month."""
