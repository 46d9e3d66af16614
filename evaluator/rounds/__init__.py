"""A round over time: who takes part, what was sent to whom, what came back, who owes what."""
