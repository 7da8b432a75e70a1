"""How a variable comes about from its direct causes: what is fitted, with draws that hold the fit's uncertainty."""
