"""Two books, or two runs, compared: inputs, decisions, and the cost split to its causes."""
