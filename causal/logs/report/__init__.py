"""A report on a log: one file per check, each giving findings with their rows and what to do."""
