"""Pure judgement: answers, checks, scores, stars, ranks. DataFrame in, DataFrame out; no files."""
