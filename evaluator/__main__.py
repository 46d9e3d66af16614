"""`python -m evaluator` does what the `evaluator` command does."""

from evaluator.cli import main

if __name__ == "__main__":
    main()
