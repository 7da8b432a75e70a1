"""Who should get which arm: scores of every arm for every unit, allocation under a budget, rules, and their value."""
